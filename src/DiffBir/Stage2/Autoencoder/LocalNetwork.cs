using DiffBir.Engine;
using DiffBir.Graphs;
using DiffBir.Imaging;

namespace DiffBir.Stage2.Autoencoder;

/// <summary>Runs a network in which far pixels meet in the statistics of group norms alone, tile by tile, as if in one run.</summary>
/// <param name="graph">The network on the whole image.</param>
/// <param name="load">Loads a part of the network.</param>
/// <param name="waiting">Where tiles' values wait for other tiles.</param>
/// <remarks>
/// Where all tiles' values may wait at each norm, the result is exactly that of one run. Where they are too many, small tiles
/// spread over the image find the statistics together, and every tile is then run once with these.
/// </remarks>
internal sealed class LocalNetwork(
    Graph graph,
    Func<Graph, NetworkSession> load,
    WaitingRoom waiting
)
{
    private readonly FixedNorms _network = FixedNorms.Of(graph);
    private readonly string _input = ((Input)graph.Inputs.Single().Operation).Name;
    private readonly Dictionary<string, TileComputation> _computations = [];

    private Shape Output => graph.Outputs[0].Node.Shape;

    /// <summary>Runs the network.</summary>
    /// <param name="side">The side of a tile of the output.</param>
    /// <param name="sampleSide">The side of a tile of the sample.</param>
    /// <param name="read">Reads a part of the input.</param>
    /// <param name="write">Takes a part of the output.</param>
    /// <param name="cancellation">Ends the work within a tile.</param>
    public void Run(
        int side,
        int sampleSide,
        Func<Region, Tensor> read,
        Action<Region, Tensor> write,
        CancellationToken cancellation
    )
    {
        var tiles = Tiles(side).ToDictionary(region => Cut(region, read));
        var bytes = tiles.Keys.Sum(tile => tile.Computation.WaitingBytes);
        if (bytes <= waiting.Bytes)
        {
            new SynchronisedRun(load, GroupMoments.Join, waiting.For(bytes)).Run(
                [.. tiles.Keys],
                (tile, values) => write(tiles[tile], values),
                cancellation
            );
            return;
        }

        var sampling = new SynchronisedRun(load, GroupMoments.Join, waiting.For(waiting.Bytes));
        var moments = sampling.Run(Sample(sampleSide, read), write: null, cancellation);
        Stream(tiles, moments, write, cancellation);
    }

    /// <summary>Runs each tile once, with statistics that are known.</summary>
    private void Stream(
        IReadOnlyDictionary<SynchronisedTile, Region> tiles,
        IReadOnlyList<GroupMoments> moments,
        Action<Region, Tensor> write,
        CancellationToken cancellation
    )
    {
        var values = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        foreach (var (norm, known) in _network.Norms.Zip(moments))
        {
            known.Feed(norm, values);
        }

        // Tiles in the middle of the image share one computation, those along a border another.
        foreach (var alike in tiles.GroupBy(tile => tile.Key.Computation))
        {
            using var session = load(alike.Key.Graph);
            foreach (var (tile, region) in alike)
            {
                values[_input] = tile.Input;
                (string, Tensor)[] feeds = [.. values.Select(value => (value.Key, value.Value))];
                write(region, session.Run(cancellation, feeds).Values.Single());
            }
        }
    }

    /// <summary>Small tiles spread evenly over the image, as many as may wait.</summary>
    private List<SynchronisedTile> Sample(int side, Func<Region, Tensor> read)
    {
        // Steps of the plastic number's powers fill a square evenly, however many they are.
        const double StepDown = 0.7548776662466927;
        const double StepRight = 0.5698402909980532;
        var cells = Tiles(side).ToArray();
        var (rows, columns) = (DivideUp(Output[2], side), DivideUp(Output[3], side));
        var chosen = new HashSet<int>();
        var sample = new List<SynchronisedTile>();
        var bytes = 0L;
        for (var index = 0; bytes < waiting.Bytes && sample.Count < cells.Length; index++)
        {
            var (row, column) = (index * StepDown % 1 * rows, index * StepRight % 1 * columns);
            var cell = (int)row * columns + (int)column;
            if (chosen.Add(cell))
            {
                sample.Add(Cut(cells[cell], read));
                bytes += sample[^1].Computation.WaitingBytes;
            }
        }

        return sample;
    }

    private IEnumerable<Region> Tiles(int side) =>
        from top in Enumerable.Range(0, DivideUp(Output[2], side))
        from left in Enumerable.Range(0, DivideUp(Output[3], side))
        select new Region(Part(top, side, Output[2]), Part(left, side, Output[3]));

    private static Extent Part(int index, int side, int length) =>
        new(index * side, Math.Min((index + 1) * side, length));

    private SynchronisedTile Cut(Region region, Func<Region, Tensor> read)
    {
        var cut = new RegionGraph(_network.Graph, region);
        if (!_computations.TryGetValue(cut.Signature, out var computation))
        {
            computation = new TileComputation(_network, cut);
            _computations[cut.Signature] = computation;
        }

        var input = cut.Inputs[_input];
        return new SynchronisedTile(computation, () => read(input));
    }

    private static int DivideUp(int value, int divisor) => (value + divisor - 1) / divisor;
}
