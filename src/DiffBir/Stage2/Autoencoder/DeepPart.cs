using DiffBir.Graphs;
using DiffBir.Imaging;
using DiffBir.Tiling;

namespace DiffBir.Stage2.Autoencoder;

/// <summary>Runs the part of an autoencoder that has attention: on the whole latent, or in windows where that is too large.</summary>
/// <param name="networks">The networks.</param>
/// <param name="tileBytes">What may be used; a little more is always allowed, since the whole latent is worth it.</param>
/// <param name="window">A window's side where there must be windows; null: they are large, and made where the whole latent is too large.</param>
internal sealed class DeepPart(AutoencoderNetworks networks, long tileBytes, int? window = null)
{
    private const int WindowSide = 128; // latent pixels: 1024 image pixels, more than the network ever saw in training
    private const int OverlapParts = 4;
    private const long AlwaysAllowed = 512 << 20;

    private readonly long _bytes = Math.Max(tileBytes, AlwaysAllowed);

    /// <summary>Where values of the latent's resolution lie.</summary>
    public PlanarStorage Storage { get; } = new(Math.Max(tileBytes, AlwaysAllowed) / 2);

    /// <summary>Runs the part.</summary>
    /// <param name="build">The part for a height and a width; one input, one output.</param>
    /// <param name="source">Its input.</param>
    /// <param name="otherFlops">The work of the rest of the network: attention, which grows with the square of the area, shall not dwarf it.</param>
    /// <param name="cancellation">Ends the work within a window.</param>
    public PlanarImage Run(
        Func<int, int, Graph> build,
        PlanarImage source,
        long otherFlops,
        CancellationToken cancellation
    )
    {
        var graph = build(source.Height, source.Width);
        var cost = Cost.Of(graph);
        if (window is not null || cost.PeakActivationBytes > _bytes || cost.Flops > 2 * otherFlops)
        {
            return InWindows(build, source, cancellation);
        }

        using var session = networks.Load(graph);
        var input = ((Input)graph.Inputs.Single().Operation).Name;
        return Storage.Store(session.Run(cancellation, (input, source.ToTensor())).Values.Single());
    }

    private PlanarImage InWindows(
        Func<int, int, Graph> build,
        PlanarImage source,
        CancellationToken cancellation
    )
    {
        var side = window ?? WindowSide;
        var grid = TileGrid.Cover(source.Height, source.Width, side, side - side / OverlapParts);
        var graph = build(grid.Tiles[0].Height, grid.Tiles[0].Width);
        var output = graph.Outputs[0].Node.Shape;
        var network = FixedNorms.Of(graph);
        var computation = new TileComputation(
            network,
            new RegionGraph(network.Graph, Region.WholeOf(output))
        );
        var windows = grid.Tiles.ToDictionary(tile => new SynchronisedTile(
            computation,
            () => source.ReadBox(tile.Top, tile.Left, tile.Height, tile.Width)
        ));
        var blend = new TileBlend(grid, scale: 1);
        var result = Storage.Create(output[1], source.Height, source.Width);
        new SynchronisedRun(networks.Load, GroupMoments.Join, WaitingRoom.Of(_bytes)).Run(
            [.. windows.Keys],
            (window, part) => blend.Add(result, windows[window], part),
            cancellation
        );
        return result;
    }
}
