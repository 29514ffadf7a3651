using DiffBir.Graphs;
using DiffBir.Imaging;

namespace DiffBir.Autoencoding;

/// <summary>What tiles that are computed alike have in common.</summary>
/// <param name="network">The network on the whole image, or on the tile as an image of its own.</param>
/// <param name="graph">The computation of one of the tiles.</param>
internal sealed class TileComputation(FixedGroupNorms network, RegionGraph graph)
{
    /// <summary>From the tile's input to its output, from norm to norm.</summary>
    public IReadOnlyList<NormSegment> Segments { get; } =
        NormSegments.Of(graph.Graph, [.. network.Norms.Select(norm => (norm, graph[norm.X]))]);

    /// <summary>The network's norms.</summary>
    public IReadOnlyList<FixedGroupNorm> Norms => network.Norms;

    /// <summary>The bytes of a tile that wait at each norm.</summary>
    public IReadOnlyList<long> WaitingBytes
    {
        get
        {
            if (field is not null)
            {
                return field;
            }

            var alive = new Dictionary<string, long>(StringComparer.Ordinal);
            var waiting = new List<long>();
            foreach (var segment in Segments.SkipLast(1))
            {
                foreach (var (name, node) in segment.Graph.Outputs)
                {
                    alive[name] = node.Shape.Elements * sizeof(float);
                }

                foreach (var name in segment.Dead)
                {
                    alive.Remove(name);
                }

                waiting.Add(alive.Values.Sum());
            }

            return field = waiting;
        }
    }

    /// <summary>The moments of the value that a segment ends with, over a tile's own share of it.</summary>
    public GroupNormStatistics Measure(int stage, TileValues values)
    {
        var norm = network.Norms[stage];
        var x = values[Segments[stage].Normalized!];
        return GroupNormStatistics.Of(x, graph.Share(norm.X), norm.Norm.Groups);
    }
}

/// <summary>A tile on its way through a network.</summary>
/// <param name="computation">What is computed.</param>
/// <param name="read">Reads the tile's input.</param>
internal sealed class SynchronizedTile(TileComputation computation, Func<Tensor> read)
{
    private readonly Dictionary<string, PlanarImage> _kept = new(StringComparer.Ordinal);

    /// <summary>What is computed.</summary>
    public TileComputation Computation => computation;

    /// <summary>A value that is kept, or the input.</summary>
    public Tensor Value(string name) => _kept.TryGetValue(name, out var value) ? value.ToTensor() : read();

    /// <summary>Keeps what later segments read, and nothing else.</summary>
    public void Keep(TileValues values, PlanarStorage storage)
    {
        foreach (var name in values.Dead)
        {
            if (_kept.Remove(name, out var value))
            {
                value.Dispose();
            }
        }

        foreach (var (name, value) in values.Alive)
        {
            _kept[name] = storage.Store(value);
        }
    }

    /// <summary>Frees everything that is kept.</summary>
    public void Clear()
    {
        foreach (var value in _kept.Values)
        {
            value.Dispose();
        }

        _kept.Clear();
    }
}

/// <summary>What a tile's last segments computed, on top of what the tile keeps.</summary>
/// <param name="tile">The tile.</param>
internal sealed class TileValues(SynchronizedTile tile)
{
    private readonly Dictionary<string, Tensor> _alive = new(StringComparer.Ordinal);
    private readonly List<string> _dead = [];

    /// <summary>What the last segment computed.</summary>
    public IReadOnlyDictionary<string, Tensor> Results { get; private set; } = new Dictionary<string, Tensor>();

    /// <summary>New values that later segments read.</summary>
    public IReadOnlyDictionary<string, Tensor> Alive => _alive;

    /// <summary>Values that no later segment reads.</summary>
    public IReadOnlyList<string> Dead => _dead;

    /// <summary>A value that the last segment computed or that later segments read.</summary>
    public Tensor this[string name] => Results.GetValueOrDefault(name) ?? _alive.GetValueOrDefault(name) ?? tile.Value(name);

    /// <summary>Adds a segment's results.</summary>
    public void Add(IReadOnlyDictionary<string, Tensor> results, IEnumerable<string> dead)
    {
        Results = results;
        foreach (var (name, value) in results)
        {
            _alive[name] = value;
        }

        foreach (var name in dead)
        {
            _alive.Remove(name);
            _dead.Add(name);
        }
    }
}
