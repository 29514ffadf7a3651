using System.Security.Cryptography;
using DiffBir.Checkpoints;
using DiffBir.Graphs;

namespace DiffBir.Engine;

/// <summary>Loaded networks that several restorations run at the same time: each is loaded once.</summary>
/// <remarks>
/// A session is known by what it is made of: its model with the places of its weights, and how it runs. Of sessions that nobody uses
/// the last ones of each network are kept, as many as a restoration by itself keeps (<see cref="EngineOptions.KeptSizes"/>).
/// </remarks>
internal sealed class SharedSessions : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    private long _uses;
    private bool _isDisposed;

    /// <summary>How many networks are loaded.</summary>
    internal int Count
    {
        get
        {
            lock (_lock)
            {
                return _entries.Count;
            }
        }
    }

    /// <summary>Begins the use of a network, which is loaded unless it is.</summary>
    /// <param name="graph">The network.</param>
    /// <param name="weights">Where its weights lie.</param>
    /// <param name="options">The device, the precision and the threads.</param>
    /// <exception cref="CheckpointException">A weight is missing or has another shape.</exception>
    /// <exception cref="EngineException">The device is not available, or the runtime refused the network.</exception>
    public SharedSession Begin(Graph graph, Weights weights, EngineOptions options)
    {
        var model = OnnxEmitter.Emit(graph, weights, options);
        var way =
            $"{options.Device}, {options.ThreadsToUse}, {options.Memory is null}, {options.DeviceMemoryLimit}, {options.ProfilePrefix}";
        var key = $"{Convert.ToHexStringLower(SHA256.HashData(model.Bytes))} in {model.WeightsFolder}, {way}";
        Entry entry;
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            if (!_entries.TryGetValue(key, out entry!))
            {
                var network = $"{graph.Name} in {model.WeightsFolder}";
                _entries[key] = entry = new Entry(key, network, new(() => NetworkSession.Create(graph, model, options)))
                {
                    KeptSizes = options.KeptSizes,
                };
            }

            entry.Users++;
        }

        try
        {
            return new SharedSession(entry.Session.Value, keep => End(entry, keep));
        }
        catch
        {
            End(entry, keep: false);
            throw;
        }
    }

    /// <summary>Frees what nobody uses; the rest goes with its last user.</summary>
    public void Dispose()
    {
        List<Entry> unused;
        lock (_lock)
        {
            _isDisposed = true;
            unused = [.. _entries.Values.Where(entry => entry.Users == 0)];
            unused.ForEach(Forget);
        }

        unused.ForEach(Free);
    }

    /// <summary>Ends a use. A session that is not to be kept is not given to others any more, and freed with its last user.</summary>
    private void End(Entry entry, bool keep)
    {
        List<Entry> unused = [];
        lock (_lock)
        {
            entry.Users--;
            if (!keep || _isDisposed)
            {
                Forget(entry);
            }

            if (entry.Users == 0)
            {
                entry.LastUse = ++_uses;
                var isKnown = _entries.TryGetValue(entry.Key, out var known) && known == entry;
                unused = isKnown ? Older(entry) : [entry];
                unused.ForEach(Forget);
            }
        }

        unused.ForEach(Free);
    }

    /// <summary>What nobody uses of a network, behind as many as are kept.</summary>
    private List<Entry> Older(Entry entry) =>
        [
            .. _entries
                .Values.Where(other => other.Users == 0 && other.Network == entry.Network)
                .OrderByDescending(other => other.LastUse)
                .Skip(entry.KeptSizes),
        ];

    private void Forget(Entry entry)
    {
        if (_entries.TryGetValue(entry.Key, out var known) && known == entry)
        {
            _entries.Remove(entry.Key);
        }
    }

    private static void Free(Entry entry)
    {
        if (entry.Session.IsValueCreated)
        {
            entry.Session.Value.Dispose();
        }
    }

    private sealed class Entry(string key, string network, Lazy<NetworkSession> session)
    {
        public string Key => key;

        /// <summary>What is the same for all sizes of a network.</summary>
        public string Network => network;

        public Lazy<NetworkSession> Session => session;

        /// <summary>How many of the network are kept when nobody uses them.</summary>
        public int KeptSizes { get; init; }

        public int Users { get; set; }

        /// <summary>When it was used last, as a count of uses.</summary>
        public long LastUse { get; set; }
    }
}

/// <summary>The use of a loaded network, until it is ended.</summary>
/// <param name="session">The network; others may run it at the same time.</param>
/// <param name="end">Ends the use, and says whether the network is to be kept for the next one.</param>
internal sealed class SharedSession(NetworkSession session, Action<bool> end)
{
    /// <summary>The network; others may run it at the same time.</summary>
    public NetworkSession Session => session;

    /// <summary>Ends the use.</summary>
    /// <param name="keep">Whether the network is to stay loaded for the next one who wants it.</param>
    public void End(bool keep) => end(keep);
}
