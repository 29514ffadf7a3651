using DiffBir.Graphs;
using static TorchSharp.torch;

namespace DiffBir.Training.Execution;

/// <summary>A network for every size: its graph is built anew for each size that is met, and kept.</summary>
/// <param name="build">Builds the graph for a batch, a height and a width.</param>
/// <param name="device">Where it runs.</param>
/// <param name="product">The type in which convolutions and matrix products are computed.</param>
internal sealed class GraphNetwork(Func<int, int, int, Graph> build, Device device, ScalarType product = ScalarType.Float32)
    : IDisposable
{
    private readonly Dictionary<(int, int, int), TorchExecutor> _executors = [];

    /// <summary>The executor for the size of an input [B, C, H, W].</summary>
    public TorchExecutor For(TorchTensor input) => For((int)input.shape[0], (int)input.shape[2], (int)input.shape[3]);

    /// <summary>The executor for a size.</summary>
    public TorchExecutor For(int batch, int height, int width)
    {
        var size = (batch, height, width);
        if (!_executors.TryGetValue(size, out var executor))
        {
            executor = new TorchExecutor(build(batch, height, width), device, product: product);
            _executors[size] = executor;
        }

        return executor;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var executor in _executors.Values)
        {
            executor.Dispose();
        }

        _executors.Clear();
    }
}
