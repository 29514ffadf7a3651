using DiffBir.Checkpoints;
using DiffBir.Graphs;

namespace DiffBir.Engine;

/// <summary>A network that is loaded when it is needed, for the image size that is needed; the last size stays loaded.</summary>
/// <param name="build">The network for a height and a width.</param>
/// <param name="weights">Where its weights lie; asked at the first load.</param>
/// <param name="options">Where and how it runs.</param>
internal sealed class SizedNetwork(Func<int, int, Graph> build, Func<Weights> weights, EngineOptions options) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Lazy<Weights> _weights = new(weights);
    private SharedSession? _use;
    private (int Height, int Width) _size;

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
            if (_use is null || _size != (height, width))
            {
                Unload();
                _use = Load(build(height, width));
                _size = (height, width);
            }

            try
            {
                return _use.Session.Run(cancellation, inputs);
            }
            catch
            {
                // Nobody tested in which state a failure leaves a network; others do not meet it.
                End(keep: false);
                throw;
            }
        }
    }

    /// <summary>Frees the memory, unless others use the network as well.</summary>
    public void Unload() => End(keep: false);

    /// <summary>Ends the use: the memory is freed, but for networks that are shared (<see cref="EngineOptions.Sessions"/>).</summary>
    public void Dispose() => End(keep: true);

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
            _use?.End(keep);
            _use = null;
        }
    }
}
