using DiffBir.Graphs;
using DiffBir.Imaging;

namespace DiffBir.Stage2.Autoencoder;

/// <summary>Takes padded tiles through the network together, with statistics shared at each norm.</summary>
/// <remarks>
/// With <see cref="GroupMoments.JoinWithoutSpread"/> as the original's v2.1.0: the means of the tiles' statistics, by their
/// pixels, margins included. Attention sees its own tile alone. All tiles are in memory between two norms.
/// </remarks>
internal sealed class SynchronisedTiles : IAutoencoder
{
    private const int EncoderMargin = 32; // image pixels
    private const int DecoderMargin = 11; // latent pixels

    private readonly AutoencoderNetworks _networks;
    private readonly UntiledAutoencoder _untiled;
    private readonly SynchronisedRun _run;
    private readonly int _side;

    /// <summary>Prepares an autoencoder.</summary>
    /// <param name="networks">The networks.</param>
    /// <param name="side">The side of a tile in image pixels, without its margin.</param>
    /// <param name="join">Makes the tiles' statistics one.</param>
    public SynchronisedTiles(
        AutoencoderNetworks networks,
        int side,
        Func<IReadOnlyList<GroupMoments>, GroupMoments> join
    )
    {
        (_networks, _untiled, _side) = (networks, new UntiledAutoencoder(networks), side);
        _run = new SynchronisedRun(networks.Load, join);
    }

    /// <inheritdoc/>
    public LatentPosterior Encode(
        PlanarImage image01,
        int height,
        int width,
        CancellationToken cancellation
    )
    {
        _networks.RequireSize(height, width);
        var tiles = PaddedTiles.Of(height, width, _side, EncoderMargin);
        if (tiles.Count == 0)
        {
            return _untiled.Encode(image01, height, width, cancellation);
        }

        var config = _networks.Config;
        var results = Run(
            tiles,
            (rows, columns) => Encoder.Build(config, 1, rows, columns, AutoencoderNetworks.Scope),
            box => ("image", AutoencoderNetworks.ReadPm1(image01, box)),
            cancellation
        );
        Shape image = [1, 3, height, width];
        Shape latent =
        [
            1,
            2 * config.LatentChannels,
            height / config.Reduction,
            width / config.Reduction,
        ];
        var moments = new Tensor(latent.AsSpan());
        foreach (var (tile, values) in tiles.Zip(results))
        {
            var (own, read) = (tile.Own.Scale(image, latent), tile.Read.Scale(image, latent));
            PlanarImage
                .Of(moments)
                .WriteBox(own.Rows.Start, own.Columns.Start, Cut(values["moments"], own, read));
        }

        return LatentPosterior.Of(moments, config.ScaleFactor);
    }

    /// <inheritdoc/>
    public void Decode(Tensor latent, PlanarImage image01, CancellationToken cancellation)
    {
        var config = _networks.Config;
        var z = _networks.Unscale(latent);
        var side = _side / config.Reduction;
        var tiles = PaddedTiles.Of(z.Size(2), z.Size(3), side, DecoderMargin);
        if (tiles.Count == 0)
        {
            _untiled.Decode(latent, image01, cancellation);
            return;
        }

        var results = Run(
            tiles,
            (rows, columns) => Decoder.Build(config, 1, rows, columns, AutoencoderNetworks.Scope),
            box => ("z", z.Crop(box)),
            cancellation
        );
        foreach (var (tile, values) in tiles.Zip(results))
        {
            var own = tile.Own.Enlarge(config.Reduction);
            var part = Cut(values["image"], own, tile.Read.Enlarge(config.Reduction));
            AutoencoderNetworks.Write01(image01, own.Rows.Start, own.Columns.Start, part);
        }
    }

    /// <inheritdoc/>
    public void Unload() => _untiled.Unload();

    /// <inheritdoc/>
    public void Dispose() => _untiled.Dispose();

    private IEnumerable<Dictionary<string, Tensor>> Run(
        IReadOnlyList<PaddedTile> tiles,
        Func<int, int, Graph> build,
        Func<Region, (string Name, Tensor Value)> read,
        CancellationToken cancellation
    )
    {
        var run = tiles
            .Select(tile =>
            {
                var (name, value) = read(tile.Read);
                var graph = build(tile.Read.Rows.Length, tile.Read.Columns.Length);
                var network = FixedNorms.Of(graph);
                var output = graph.Outputs[0];
                return new SynchronisedTile(
                    network.Norms,
                    new RegionGraph(network.Graph, Region.WholeOf(output.Node.Shape), output.Name),
                    new Dictionary<string, Tensor>(StringComparer.Ordinal) { [name] = value },
                    x => Region.WholeOf(x.Shape)
                );
            })
            .ToArray();
        _run.Run(run, cancellation);
        return run.Select(tile => tile.Values);
    }

    private static Tensor Cut(Tensor values, Region own, Region read) =>
        values.Crop(own.RelativeTo(read));
}
