using DiffBir.Graphs;
using DiffBir.Imaging;
using DiffBir.Networks.Autoencoder;
using DiffBir.Sampling;

namespace DiffBir.Autoencoding;

/// <summary>Takes padded tiles through the network together, with statistics shared at each norm.</summary>
/// <remarks>
/// With <see cref="GroupNormStatistics.JoinWithoutSpread"/> as the original's v2.1.0: the means of the tiles' statistics, by their
/// pixels, margins included. Attention sees its own tile alone. All tiles are in memory between two norms.
/// </remarks>
internal sealed class SynchronizedTiles : IAutoencoder
{
    private const int EncoderMargin = 32; // image pixels
    private const int DecoderMargin = 11; // latent pixels

    private readonly AutoencoderNetworks _networks;
    private readonly UntiledAutoencoder _untiled;
    private readonly SynchronizedRun _run;
    private readonly int _side;

    /// <summary>Prepares an autoencoder.</summary>
    /// <param name="networks">The networks.</param>
    /// <param name="side">The side of a tile in image pixels, without its margin.</param>
    public SynchronizedTiles(AutoencoderNetworks networks, int side)
    {
        (_networks, _untiled, _side) = (networks, new UntiledAutoencoder(networks), side);
        _run = new SynchronizedRun(networks.Load, GroupNormStatistics.JoinWithoutSpread, ActivationStore.Memory);
    }

    /// <inheritdoc/>
    public LatentPosterior Encode(PlanarImage image01, int height, int width, LatentStore store, CancellationToken cancellation)
    {
        _networks.ValidateSize(height, width);
        var tiles = PaddedTiles.Of(height, width, _side, EncoderMargin);
        if (tiles.Count == 0)
        {
            return _untiled.Encode(image01, height, width, store, cancellation);
        }

        var config = _networks.Config;
        Shape image = [1, 3, height, width];
        Shape latent = [1, 2 * config.LatentChannels, height / config.Reduction, width / config.Reduction];
        var moments = new Tensor(latent.AsSpan());
        Run(
            tiles,
            (rows, columns) => Encoder.Build(config, 1, rows, columns, AutoencoderKl.Scope),
            box => AutoencoderNetworks.ReadPm1(image01, box),
            (tile, values) =>
            {
                var (own, read) = (tile.Own.Scale(image, latent), tile.Read.Scale(image, latent));
                PlanarImage.Of(moments).WriteBox(own.Rows.Start, own.Columns.Start, values.Crop(own.RelativeTo(read)));
            },
            cancellation
        );
        return LatentPosterior.Of(PlanarImage.Of(moments), config.ScaleFactor, store);
    }

    /// <inheritdoc/>
    public void Decode(Latent latent, PlanarImage image01, CancellationToken cancellation)
    {
        var config = _networks.Config;
        var z = _networks.Unscale(latent.ToTensor()).ToTensor();
        var side = _side / config.Reduction;
        var tiles = PaddedTiles.Of(z.Size(2), z.Size(3), side, DecoderMargin);
        if (tiles.Count == 0)
        {
            _untiled.Decode(latent, image01, cancellation);
            return;
        }

        Run(
            tiles,
            (rows, columns) => Decoder.Build(config, 1, rows, columns, AutoencoderKl.Scope),
            z.Crop,
            (tile, values) =>
            {
                var own = tile.Own.Enlarge(config.Reduction);
                var part = values.Crop(own.RelativeTo(tile.Read.Enlarge(config.Reduction)));
                AutoencoderNetworks.Write01(image01, own.Rows.Start, own.Columns.Start, part);
            },
            cancellation
        );
    }

    /// <inheritdoc/>
    public void Unload() => _untiled.Unload();

    /// <inheritdoc/>
    public void Dispose() => _untiled.Dispose();

    private void Run(
        IReadOnlyList<PaddedTile> tiles,
        Func<int, int, Graph> build,
        Func<Region, Tensor> read,
        Action<PaddedTile, Tensor> write,
        CancellationToken cancellation
    )
    {
        var run = tiles.ToDictionary(tile =>
        {
            var graph = build(tile.Read.Rows.Length, tile.Read.Columns.Length);
            var network = FixedGroupNorms.Of(graph);
            var whole = new RegionGraph(network.Graph, Region.WholeOf(graph.Outputs[0].Node.Shape));
            return new SynchronizedTile(new(network, whole), () => read(tile.Read));
        });
        _run.Run([.. run.Keys], (tile, values) => write(run[tile], values), cancellation);
    }
}
