using DiffBir.Engine;
using DiffBir.Options;
using DiffBir.Packs;
using DiffBir.Planning;

namespace DiffBir.Hosting;

/// <summary>So many restorations at a time, and no more: each on a thread of its own, with networks that all share.</summary>
/// <param name="pack">The networks.</param>
/// <param name="options">How many, and within which memory.</param>
internal sealed class RestorerSlots(ModelPack pack, DiffBirOptions options) : IAsyncDisposable, IDisposable
{
    private readonly SemaphoreSlim _free = new(options.MaxConcurrency);
    private readonly CancellationTokenSource _closing = new();
    private readonly SharedSessions _sessions = new();
    private readonly Lock _lock = new();
    private readonly List<Slot> _idle = [.. Enumerable.Range(0, options.MaxConcurrency).Select(_ => new Slot())];
    private int _waiting;

    /// <summary>How many networks are loaded.</summary>
    internal int LoadedNetworks => _sessions.Count;

    /// <summary>Settles what is asked for with the pool's own networks and each restoration's part of its memory.</summary>
    /// <exception cref="OptionException">A value is not allowed, with this model or at all.</exception>
    public RestorationSettings Settle(RestorationOptions asked)
    {
        if (asked.Samples != 1)
        {
            throw new OptionException(
                $"A pool makes one result of each photo, got {asked.Samples} samples. Use a {nameof(Restorer)} for several.",
                "samples"
            );
        }

        var settings = asked.Settle(pack);
        var limit = (settings.Tiling.MemoryLimit, options.MemoryOfOne) switch
        {
            (var own, null) => own,
            ({ IsSet: true } own, { } share) => MemoryLimit.Of(Math.Min(own.Bytes, share)),
            (_, { } share) => MemoryLimit.Of(share),
        };
        return settings with
        {
            Tiling = settings.Tiling with { MemoryLimit = limit, Sharers = options.MaxConcurrency },
            Engine = settings.Engine with { Sessions = _sessions },
        };
    }

    /// <summary>Waits for a turn and works.</summary>
    /// <param name="settings">What is asked for, settled here.</param>
    /// <param name="work">The work: it takes seconds or minutes, on a thread of its own.</param>
    /// <param name="patience">Whether too many others who wait are a reason not to wait.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    /// <exception cref="QueueFullException">Too many wait.</exception>
    /// <exception cref="ObjectDisposedException">The slots are closed.</exception>
    public async Task<T> UseAsync<T>(
        RestorationSettings settings,
        Func<IPhotoRestorer, T> work,
        Patience patience,
        CancellationToken cancellation
    )
    {
        await EnterAsync(patience, cancellation).ConfigureAwait(false);
        try
        {
            return await Task
                .Factory.StartNew(() => Use(settings, work), cancellation, TaskCreationOptions.LongRunning, TaskScheduler.Default)
                .ConfigureAwait(false);
        }
        finally
        {
            _free.Release();
        }
    }

    /// <summary>Refuses whoever waits or comes; frees the networks as soon as the restorations that run are done.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            if (_closing.IsCancellationRequested)
            {
                return;
            }

            _closing.Cancel();
            FreeIdle();
        }
    }

    /// <inheritdoc cref="Dispose"/>
    public async ValueTask DisposeAsync()
    {
        Dispose();
        for (var slot = 0; slot < options.MaxConcurrency; slot++)
        {
            await _free.WaitAsync().ConfigureAwait(false);
        }

        _free.Release(options.MaxConcurrency);
    }

    private async Task EnterAsync(Patience patience, CancellationToken cancellation)
    {
        ObjectDisposedException.ThrowIf(_closing.IsCancellationRequested, typeof(RestorerPool));
        cancellation.ThrowIfCancellationRequested();
        if (_free.Wait(0, CancellationToken.None))
        {
            return;
        }

        try
        {
            if (Interlocked.Increment(ref _waiting) > options.MaxWaiting && patience == Patience.Limited)
            {
                throw new QueueFullException(
                    $"{options.MaxWaiting} photo(s) wait already, the most that may ({nameof(DiffBirOptions.MaxWaiting)}). Try again later."
                );
            }

            using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellation, _closing.Token);
            await _free.WaitAsync(ended.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException closed) when (!cancellation.IsCancellationRequested)
        {
            throw new ObjectDisposedException($"The {nameof(RestorerPool)} was disposed before this photo's turn.", closed);
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }

    private T Use<T>(RestorationSettings settings, Func<IPhotoRestorer, T> work)
    {
        var slot = Take(settings);
        try
        {
            return work(slot.Warm(pack, settings, options.WeightsFolders));
        }
        catch
        {
            slot.Dispose(); // what failed may have left networks in a state that nobody tested
            throw;
        }
        finally
        {
            Return(slot);
        }
    }

    /// <summary>A slot that has restored with the same settings, else one that has not restored at all, else any.</summary>
    private Slot Take(RestorationSettings settings)
    {
        lock (_lock)
        {
            var slot = _idle.Find(slot => slot.Settings == settings) ?? _idle.Find(slot => slot.Settings is null) ?? _idle[0];
            _idle.Remove(slot);
            return slot;
        }
    }

    private void Return(Slot slot)
    {
        lock (_lock)
        {
            _idle.Add(slot);
            if (_closing.IsCancellationRequested)
            {
                FreeIdle();
            }
        }
    }

    private void FreeIdle()
    {
        _idle.ForEach(slot => slot.Dispose());
        if (_idle.Count == options.MaxConcurrency)
        {
            _sessions.Dispose();
        }
    }

    /// <summary>A place for one restoration, with what the last one there made ready; disposed, it can be used again.</summary>
    private sealed class Slot : IDisposable
    {
        private IPhotoRestorer? _restorer;

        public RestorationSettings? Settings { get; private set; }

        public IPhotoRestorer Warm(ModelPack pack, RestorationSettings settings, IReadOnlyList<string> folders)
        {
            if (_restorer is null || Settings != settings)
            {
                Dispose();
                _restorer = PhotoRestorer.Create(pack, settings, folders);
                Settings = settings;
            }

            return _restorer;
        }

        public void Dispose()
        {
            _restorer?.Dispose();
            (_restorer, Settings) = (null, null);
        }
    }
}

/// <summary>Who waits for a restoration however many wait, and who does not.</summary>
internal enum Patience
{
    /// <summary>Refused where <see cref="DiffBirOptions.MaxWaiting"/> wait.</summary>
    Limited,

    /// <summary>A part of a batch, which waits for itself.</summary>
    Unlimited,
}
