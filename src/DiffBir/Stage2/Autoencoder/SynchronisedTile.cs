using DiffBir.Graphs;
using DiffBir.Imaging;

namespace DiffBir.Stage2.Autoencoder;

/// <summary>What tiles that are computed alike have in common.</summary>
/// <param name="network">The network on the whole image, or on the tile as an image of its own.</param>
/// <param name="graph">The computation of one of the tiles.</param>
internal sealed class TileComputation(FixedNorms network, RegionGraph graph)
{
    /// <summary>From the tile's input to its output.</summary>
    public Graph Graph => graph.Graph;

    /// <summary>The same from norm to norm.</summary>
    public IReadOnlyList<NormSegment> Segments { get; } =
        NormSegments.Of(graph.Graph, [.. network.Norms.Select(norm => (norm, graph[norm.X]))]);

    /// <summary>The network's norms.</summary>
    public IReadOnlyList<FixedNorm> Norms => network.Norms;

    /// <summary>The most bytes of a tile that wait at a norm.</summary>
    public long WaitingBytes
    {
        get
        {
            var alive = new Dictionary<string, long>(StringComparer.Ordinal);
            var most = 0L;
            foreach (var segment in Segments.SkipLast(1))
            {
                foreach (var (name, node) in segment.Graph.Outputs)
                {
                    alive[name] = node.Shape.Elements * sizeof(float);
                }

                most = Math.Max(most, alive.Values.Sum());
                foreach (var name in segment.Dead)
                {
                    alive.Remove(name);
                }
            }

            return most;
        }
    }

    /// <summary>The moments of the value that a segment ends with, over a tile's own share of it.</summary>
    public GroupMoments Measure(int stage, IReadOnlyDictionary<string, Tensor> results)
    {
        var norm = network.Norms[stage];
        var x = results[Segments[stage].Normalised!];
        return GroupMoments.Of(x, graph.Share(norm.X), norm.Norm.Groups);
    }
}

/// <summary>A tile on its way through a network.</summary>
/// <param name="computation">What is computed.</param>
/// <param name="read">Reads the tile's input.</param>
internal sealed class SynchronisedTile(TileComputation computation, Func<Tensor> read)
{
    private readonly Dictionary<string, PlanarImage> _values = new(StringComparer.Ordinal);

    /// <summary>What is computed.</summary>
    public TileComputation Computation => computation;

    /// <summary>The tile's input.</summary>
    public Tensor Input => read();

    /// <summary>A value that a segment reads: a result of a segment before it, or the input.</summary>
    public Tensor Value(string name) =>
        _values.TryGetValue(name, out var value) ? value.ToTensor() : read();

    /// <summary>Keeps a segment's results for the segments after it, and nothing that these do not read.</summary>
    public void Keep(int stage, IReadOnlyDictionary<string, Tensor> results, PlanarStorage storage)
    {
        foreach (var (name, value) in results)
        {
            _values[name] = storage.Store(value);
        }

        foreach (var name in computation.Segments[stage].Dead)
        {
            if (_values.Remove(name, out var value))
            {
                value.Dispose();
            }
        }
    }

    /// <summary>Frees everything that is kept.</summary>
    public void Clear()
    {
        foreach (var value in _values.Values)
        {
            value.Dispose();
        }

        _values.Clear();
    }
}
