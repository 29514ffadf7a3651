using DiffBir.Engine;
using DiffBir.Graphs;
using DiffBir.Imaging;

namespace DiffBir.Autoencoding;

/// <summary>Runs the part of an autoencoder that has attention: on the whole latent, or a part at a time where that is too large.</summary>
/// <param name="networks">The networks.</param>
/// <param name="bytes">What may be used.</param>
/// <param name="waiting">Where tiles wait for each other.</param>
internal sealed class Bottleneck(AutoencoderNetworks networks, long bytes, ActivationStore waiting)
{
    private const int TileSide = 64; // latent pixels; a tile needs some megabytes for each of its channels' 32-bit planes

    /// <summary>Where values of the latent's resolution lie.</summary>
    public PlanarStorage Storage { get; } = new(bytes / 2);

    /// <summary>Runs the part.</summary>
    /// <param name="network">Builds it.</param>
    /// <param name="source">Its input.</param>
    /// <param name="cancellation">Ends the work within a tile.</param>
    public PlanarImage Run(BottleneckNetwork network, PlanarImage source, CancellationToken cancellation)
    {
        var whole = Build(network.Whole, source);
        if (networks.MemoryOf(whole) <= bytes)
        {
            using var session = networks.Load(whole);
            var results = session.Run(cancellation, ("features", source.ToTensor()));
            return Storage.Store(results.Values.Single());
        }

        if (!network.HasAttention)
        {
            return Local(network.Whole, source, cancellation);
        }

        using var projected = Local(network.ToAttention, source, cancellation);
        using var attended = Storage.Create(projected.Planes / 2, source.Height, source.Width);
        new ChunkedAttention(networks.Load).Run(projected, attended, cancellation);
        return Local(network.FromAttention, attended, cancellation);
    }

    private PlanarImage Local(Func<GraphBuilder, Node, Node> append, PlanarImage source, CancellationToken cancellation)
    {
        var graph = Build(append, source);
        var result = Storage.Create(graph.Outputs[0].Node.Shape[1], source.Height, source.Width);
        new TiledExecution(graph, networks.Load, waiting).Run(
            TileSide,
            box => source.ReadBox(box.Rows.Start, box.Columns.Start, box.Rows.Length, box.Columns.Length),
            (box, part) => result.WriteBox(box.Rows.Start, box.Columns.Start, part),
            cancellation
        );
        return result;
    }

    private static Graph Build(Func<GraphBuilder, Node, Node> append, PlanarImage source)
    {
        var g = new GraphBuilder("VAE's deep part");
        var input = g.Input("features", [1, source.Planes, source.Height, source.Width]);
        return g.Build(("result", append(g, input)));
    }
}

/// <summary>The part of an autoencoder at the latent's resolution.</summary>
/// <param name="HasAttention">Whether far pixels meet in it.</param>
/// <param name="Whole">Appends all of it.</param>
/// <param name="ToAttention">Appends what comes before attention.</param>
/// <param name="FromAttention">Appends what comes behind attention.</param>
internal sealed record BottleneckNetwork(
    bool HasAttention,
    Func<GraphBuilder, Node, Node> Whole,
    Func<GraphBuilder, Node, Node> ToAttention,
    Func<GraphBuilder, Node, Node> FromAttention
);
