using DiffBir.Engine;
using DiffBir.Graphs;
using DiffBir.Imaging;

namespace DiffBir.Autoencoding;

/// <summary>Runs a network in which far pixels meet in the statistics of group norms alone, tile by tile, as if in one run.</summary>
/// <param name="graph">The network on the whole image.</param>
/// <param name="load">Loads a part of the network.</param>
/// <param name="waiting">Where tiles' values wait for other tiles.</param>
internal sealed class TiledExecution(Graph graph, Func<Graph, NetworkSession> load, ActivationStore waiting)
{
    private readonly FixedGroupNorms _network = FixedGroupNorms.Of(graph);
    private readonly string _input = ((Input)graph.Inputs.Single().Operation).Name;
    private readonly Dictionary<string, TileComputation> _computations = [];

    private Shape Output => graph.Outputs[0].Node.Shape;

    /// <summary>Runs the network.</summary>
    /// <param name="side">The side of a tile of the output.</param>
    /// <param name="read">Reads a part of the input.</param>
    /// <param name="write">Takes a part of the output.</param>
    /// <param name="cancellation">Ends the work within a tile.</param>
    public void Run(int side, Func<Region, Tensor> read, Action<Region, Tensor> write, CancellationToken cancellation)
    {
        var tiles = Tiles(side).ToDictionary(region => Cut(region, read));
        new SynchronizedRun(load, GroupNormStatistics.Join, waiting).Run(
            [.. tiles.Keys],
            (tile, values) => write(tiles[tile], values),
            cancellation
        );
    }

    private IEnumerable<Region> Tiles(int side) =>
        from top in Enumerable.Range(0, Ceiling.Divide(Output[2], side))
        from left in Enumerable.Range(0, Ceiling.Divide(Output[3], side))
        select new Region(Part(top, side, Output[2]), Part(left, side, Output[3]));

    private static Extent Part(int index, int side, int length) => new(index * side, Math.Min((index + 1) * side, length));

    private SynchronizedTile Cut(Region region, Func<Region, Tensor> read)
    {
        var cut = new RegionGraph(_network.Graph, region);
        if (!_computations.TryGetValue(cut.Signature, out var computation))
        {
            computation = new TileComputation(_network, cut);
            _computations[cut.Signature] = computation;
        }

        var input = cut.Inputs[_input];
        return new SynchronizedTile(computation, () => read(input));
    }
}
