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
    private NetworkSession? _session;
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
            if (_session is null || _size != (height, width))
            {
                Unload();
                _session = NetworkSession.Create(build(height, width), _weights.Value, options);
                _size = (height, width);
            }

            return _session.Run(cancellation, inputs);
        }
    }

    /// <summary>Frees the memory.</summary>
    public void Unload()
    {
        lock (_lock)
        {
            _session?.Dispose();
            _session = null;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Unload();
}
