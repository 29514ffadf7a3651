using DiffBir.Graphs;
using DiffBir.Imaging;
using DiffBir.Networks.Autoencoder;
using DiffBir.Sampling;

namespace DiffBir.Autoencoding;

/// <summary>Encodes and decodes in tiles with the group statistics of the whole image: as if there were no tiles.</summary>
/// <remarks>
/// The part of the network above the latent's resolution, which needs nearly all of the memory, runs in tiles
/// (<see cref="TiledExecution"/>), and where the latent is large so does the part at the latent's resolution. Attention sees
/// all of the latent, however large (<see cref="ChunkedAttention"/>).
/// </remarks>
internal sealed class ExactTiles : IAutoencoder
{
    private const long DeepAllowed = 512 << 20; // the whole latent at once is worth that much where memory has no limit

    private readonly AutoencoderNetworks _networks;
    private readonly AutoencoderConfig _config;
    private readonly Bottleneck _deep;
    private readonly ActivationStore _waiting;
    private readonly int _side;

    /// <summary>Prepares an autoencoder.</summary>
    /// <param name="networks">The networks.</param>
    /// <param name="side">The side of a tile in image pixels; in all no more memory is used than one run on one tile would need.</param>
    /// <param name="bytes">What may be used at all: half by the network that runs, a quarter each by waiting tiles and by values at the latent's resolution.</param>
    /// <param name="waiting">Where tiles wait for each other; null: in as much memory as a tile needs, or in scratch files.</param>
    /// <param name="deepBytes">What the part at the latent's resolution may use; null: as much as a tile of the rest, or 512 MB if that is more.</param>
    public ExactTiles(AutoencoderNetworks networks, int side, long bytes, ActivationStore? waiting = null, long? deepBytes = null)
    {
        (_networks, _config, _side) = (networks, networks.Config, side);
        var (scope, rows) = (AutoencoderKl.Scope, side / _config.Reduction);
        var tile = Math.Max(
            Cost.Of(Encoder.Build(_config, 1, side, side, scope)).PeakActivationBytes,
            Cost.Of(Decoder.Build(_config, 1, rows, rows, scope)).PeakActivationBytes
        );
        _waiting = waiting ?? ActivationStore.Of(Math.Min(tile, bytes / 4));
        _deep = new Bottleneck(networks, Math.Min(deepBytes ?? Math.Max(tile, DeepAllowed), bytes / 2), _waiting);
    }

    /// <inheritdoc/>
    public LatentPosterior Encode(PlanarImage image01, int height, int width, LatentStore store, CancellationToken cancellation)
    {
        _networks.ValidateSize(height, width);
        var (patch, reduction) = (_config.Patch, _config.Reduction);
        var g = new GraphBuilder("VAE encoder");
        var patches = g.Input("patches", [1, 3 * patch * patch, height / patch, width / patch]);
        var output = Encoder.AppendDown(At(g), patches);
        var down = g.Build(("features", output));
        using var features = _deep.Storage.Create(output.Shape[1], output.Shape[2], output.Shape[3]);
        new TiledExecution(down, _networks.Load, _waiting).Run(
            _side / reduction,
            region => TensorPixelShuffling.Unshuffle(AutoencoderNetworks.ReadPm1(image01, region.Enlarge(patch)), patch),
            (region, part) => features.WriteBox(region.Rows.Start, region.Columns.Start, part),
            cancellation
        );
        using var moments = _deep.Run(
            new BottleneckNetwork(
                _config.MiddleAttention,
                (g, x) => Encoder.AppendDeep(At(g), x),
                (g, x) => Encoder.AppendToAttention(At(g), x),
                (g, x) => Encoder.AppendFromAttention(At(g), x)
            ),
            features,
            cancellation
        );
        return LatentPosterior.Of(moments, _config.ScaleFactor, store);
    }

    /// <inheritdoc/>
    public void Decode(Latent latent, PlanarImage image01, CancellationToken cancellation)
    {
        using var made = latent.Store.Begin();
        var z = _networks.Unscale(latent);
        var (patch, reduction) = (_config.Patch, _config.Reduction);
        var g = new GraphBuilder("VAE decoder");
        var deepest = _config.Channels * _config.ChannelMultipliers[^1];
        var input = g.Input("features", [1, deepest, z.Size(2), z.Size(3)]);
        var up = g.Build(("patches", Decoder.AppendUp(At(g), input)));
        using var features = _deep.Run(
            new BottleneckNetwork(
                _config.MiddleAttention,
                (g, x) => Decoder.AppendDeep(At(g), x),
                (g, x) => Decoder.AppendToAttention(At(g), x),
                (g, x) => Decoder.AppendFromAttention(At(g), x)
            ),
            z.Planes,
            cancellation
        );
        new TiledExecution(up, _networks.Load, _waiting).Run(
            _side / patch,
            region => features.ReadBox(region.Rows.Start, region.Columns.Start, region.Rows.Length, region.Columns.Length),
            (region, part) =>
                AutoencoderNetworks.Write01(
                    image01,
                    region.Rows.Start * patch,
                    region.Columns.Start * patch,
                    TensorPixelShuffling.Shuffle(part, patch)
                ),
            cancellation
        );
    }

    /// <inheritdoc/>
    public void Unload() { }

    /// <inheritdoc/>
    public void Dispose() { }

    private LayerScope<AutoencoderConfig> At(GraphBuilder g) => g.At(AutoencoderKl.Scope, _config);
}
