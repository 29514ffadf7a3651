using DiffBir.Checkpoints;
using DiffBir.Graphs;

namespace DiffBir.Engine;

/// <summary>
/// A network that is loaded when it is needed, for the image size that is needed; the last sizes stay loaded, as many as
/// <see cref="EngineOptions.KeptSizes"/>.
/// </summary>
/// <param name="build">The network for a height and a width.</param>
/// <param name="weights">Where its weights lie; asked at the first load.</param>
/// <param name="options">Where and how it runs.</param>
internal sealed class SizedNetwork(Func<int, int, Graph> build, Func<Weights> weights, EngineOptions options) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Lazy<Weights> _weights = new(weights);
    private readonly List<Loaded> _loaded = []; // the one that was used last comes last

    /// <summary>The network's graph for a size, without loading anything.</summary>
    public Graph Graph(int height, int width) => build(height, width);

    /// <summary>Runs the network, loading it first if it is not loaded for this size.</summary>
    public IReadOnlyDictionary<string, Tensor> Run(
        int height,
        int width,
        CancellationToken cancellation,
        params ReadOnlySpan<(string Name, Tensor Value)> inputs
    )
    {
        lock (_lock)
        {
            var session = Find(height, width).Session;
            try
            {
                return session.Run(cancellation, inputs);
            }
            catch
            {
                // Nobody tested in which state a failure leaves a network; others do not meet it.
                End(keep: false);
                throw;
            }
        }
    }

    /// <summary>Loads the network for a size, unless that is done.</summary>
    public void Load(int height, int width)
    {
        lock (_lock)
        {
            _ = Find(height, width);
        }
    }

    /// <summary>Frees the memory, unless others use the network as well.</summary>
    public void Unload() => End(keep: false);

    /// <summary>Ends the use: the memory is freed, but for networks that are shared (<see cref="EngineOptions.Sessions"/>).</summary>
    public void Dispose() => End(keep: true);

    private SharedSession Find(int height, int width)
    {
        var found = _loaded.FindIndex(loaded => loaded.Height == height && loaded.Width == width);
        if (found < 0)
        {
            while (_loaded.Count >= options.KeptSizes)
            {
                _loaded[0].Use.End(keep: false);
                _loaded.RemoveAt(0);
            }

            _loaded.Add(new Loaded(height, width, Load(build(height, width))));
        }
        else
        {
            var loaded = _loaded[found];
            _loaded.RemoveAt(found);
            _loaded.Add(loaded);
        }

        return _loaded[^1].Use;
    }

    private SharedSession Load(Graph graph)
    {
        if (options.Sessions is { } sessions)
        {
            return sessions.Begin(graph, _weights.Value, options);
        }

        var session = NetworkSession.Create(graph, _weights.Value, options);
        return new SharedSession(session, _ => session.Dispose());
    }

    private void End(bool keep)
    {
        lock (_lock)
        {
            _loaded.ForEach(loaded => loaded.Use.End(keep));
            _loaded.Clear();
        }
    }

    private sealed record Loaded(int Height, int Width, SharedSession Use);
}
