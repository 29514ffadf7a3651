using DiffBir.Graphs;
using DiffBir.Imaging;
using DiffBir.Randomness;
using DiffBir.Tiling;

namespace DiffBir.Autoencoding;

/// <summary>Encodes and decodes overlapping tiles as if each were an image, and blends them: as the original's v2.0.0.</summary>
/// <remarks>Each tile has its own group statistics, so that the same colour may come out different in different tiles.</remarks>
internal sealed class BlendedTiles : IAutoencoder
{
    private readonly AutoencoderNetworks _networks;
    private readonly UntiledAutoencoder _inner;
    private readonly TileSize _tile;

    /// <summary>Prepares an autoencoder.</summary>
    /// <param name="networks">The networks.</param>
    /// <param name="tile">The tiles in image pixels.</param>
    public BlendedTiles(AutoencoderNetworks networks, TileSize tile)
    {
        var reduction = networks.Config.Reduction;
        (_networks, _inner) = (networks, new UntiledAutoencoder(networks));
        _tile = new TileSize(tile.Side / reduction, tile.Stride / reduction);
    }

    /// <inheritdoc/>
    public LatentPosterior Encode(PlanarImage image01, int height, int width, CancellationToken cancellation)
    {
        _networks.RequireSize(height, width);
        var reduction = _networks.Config.Reduction;
        var grid = TileGrid.Cover(height / reduction, width / reduction, _tile.Side, _tile.Stride);
        var parts = new Dictionary<Tile, LatentPosterior>();
        foreach (var tile in grid.Tiles)
        {
            var box = RegionOf(tile).Enlarge(reduction);
            parts[tile] = _inner.Encode(AutoencoderNetworks.ReadPm1(image01, box), cancellation);
        }

        return new BlendedPosterior(grid, parts);
    }

    /// <inheritdoc/>
    public void Decode(Tensor latent, PlanarImage image01, CancellationToken cancellation)
    {
        latent.Require("latent", 1, _networks.Config.LatentChannels, -1, -1);
        var blank = new float[image01.Width];
        for (var line = 0; line < image01.Planes * image01.Height; line++)
        {
            image01.Write(line / image01.Height, line % image01.Height, 0, blank);
        }

        TiledPlanes.Apply(
            PlanarImage.Of(latent),
            image01,
            TileGrid.Cover(latent.Size(2), latent.Size(3), _tile.Side, _tile.Stride),
            _networks.Config.Reduction,
            part => AutoencoderNetworks.To01(_inner.Decode(part, cancellation))
        );
    }

    /// <inheritdoc/>
    public void Unload() => _inner.Unload();

    /// <inheritdoc/>
    public void Dispose() => _inner.Dispose();

    private static Region RegionOf(Tile tile) =>
        new(new(tile.Top, tile.Top + tile.Height), new(tile.Left, tile.Left + tile.Width));

    /// <summary>The posteriors of tiles. Each tile is sampled on its own; where tiles overlap, their samples are blended.</summary>
    private sealed record BlendedPosterior(TileGrid Grid, IReadOnlyDictionary<Tile, LatentPosterior> Parts)
        : LatentPosterior(Blend(Grid, tile => Parts[tile].Mean), Blend(Grid, tile => Parts[tile].Deviation))
    {
        public override Tensor Sample(INoiseSource noise, int batch = 1) =>
            Blend(Grid, tile => Parts[tile].Sample(noise, batch), batch);

        private static Tensor Blend(TileGrid grid, Func<Tile, Tensor> part, int batch = 1)
        {
            var area = new Tensor(batch, 1, grid.Height, grid.Width);
            return TiledMap.Apply(area, grid, (_, tile) => part(tile));
        }
    }
}
