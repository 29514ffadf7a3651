using DiffBir.Graphs;
using DiffBir.Imaging;
using DiffBir.Randomness;
using DiffBir.Sampling;
using DiffBir.Tiling;

namespace DiffBir.Autoencoding;

/// <summary>Encodes and decodes overlapping tiles as if each were an image, and blends them: as the original's v2.0.0.</summary>
/// <remarks>Each tile has its own group statistics, so that the same color may come out different in different tiles.</remarks>
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
        (_networks, _inner) = (networks, new UntiledAutoencoder(networks));
        _tile = tile.Divide(networks.Config.Reduction);
    }

    /// <inheritdoc/>
    public LatentPosterior Encode(PlanarImage image01, int height, int width, LatentStore store, CancellationToken cancellation)
    {
        _networks.ValidateSize(height, width);
        var (reduction, channels) = (_networks.Config.Reduction, _networks.Config.LatentChannels);
        var grid = TileGrid.Cover(height / reduction, width / reduction, _tile.Side, _tile.Stride);
        // Together the tiles are as large as several latents.
        var moments = store.Create(grid.Tiles.Count, 2 * channels, grid.Tiles[0].Height, grid.Tiles[0].Width);
        foreach (var (index, tile) in grid.Tiles.Index())
        {
            var image = AutoencoderNetworks.ReadPm1(image01, RegionOf(tile).Enlarge(reduction));
            var part = _inner.Moments(image, cancellation);
            moments.Planes.Write((long)index * part.Length, part.Span);
        }

        return new BlendedPosterior(grid, moments, _networks.Config.ScaleFactor);
    }

    /// <inheritdoc/>
    public void Decode(Latent latent, PlanarImage image01, CancellationToken cancellation)
    {
        latent.Validate("latent", 1, _networks.Config.LatentChannels, -1, -1);
        var blank = new float[image01.Width];
        for (var line = 0; line < image01.Planes * image01.Height; line++)
        {
            image01.Write(line / image01.Height, line % image01.Height, 0, blank);
        }

        TiledPlanes.Apply(
            latent.Planes,
            image01,
            TileGrid.Cover(latent.Size(2), latent.Size(3), _tile.Side, _tile.Stride),
            _networks.Config.Reduction,
            part => AutoencoderNetworks.To01(_inner.Decode(part, cancellation))
        );
    }

    /// <inheritdoc/>
    public void LoadEncoder(int height, int width)
    {
        var reduction = _networks.Config.Reduction;
        var tile = _tile.In(height / reduction, width / reduction);
        _inner.LoadEncoder(tile.Height * reduction, tile.Width * reduction);
    }

    /// <inheritdoc/>
    public void LoadDecoder(int height, int width)
    {
        var tile = _tile.In(height, width);
        _inner.LoadDecoder(tile.Height, tile.Width);
    }

    /// <inheritdoc/>
    public void Unload() => _inner.Unload();

    /// <inheritdoc/>
    public void Dispose() => _inner.Dispose();

    private static Region RegionOf(Rectangle tile) =>
        new(new(tile.Top, tile.Top + tile.Height), new(tile.Left, tile.Left + tile.Width));

    /// <summary>The posteriors of tiles. Each tile is sampled on its own; where tiles overlap, their samples are blended.</summary>
    /// <param name="Grid">The tiles.</param>
    /// <param name="Moments">[tiles, 2C, h, w]: of each tile means, then logarithms of the variance.</param>
    /// <param name="ScaleFactor">What latents are multiplied with.</param>
    private sealed record BlendedPosterior(TileGrid Grid, Latent Moments, double ScaleFactor)
        : LatentPosterior(
            Blend(Grid, Moments, 1, index => Part(Moments, index, ScaleFactor).Mean),
            Blend(Grid, Moments, 1, index => Part(Moments, index, ScaleFactor).Deviation)
        )
    {
        public override Latent Sample(INoiseSource noise, int batch = 1) =>
            Blend(Grid, Moments, batch, index => Part(Moments, index, ScaleFactor).Sample(noise, batch));

        private static LatentPosterior Part(Latent moments, int index, double scaleFactor)
        {
            var part = new Tensor(1, moments.Size(1), moments.Size(2), moments.Size(3));
            moments.Planes.Read((long)index * part.Length, part.Span);
            return Of(part, scaleFactor);
        }

        private static Latent Blend(TileGrid grid, Latent moments, int batch, Func<int, Latent> part)
        {
            var blend = new TileBlend(grid, scale: 1);
            var whole = moments.Store.Create(batch, moments.Size(1) / 2, grid.Height, grid.Width);
            foreach (var (index, tile) in grid.Tiles.Index())
            {
                blend.Add(whole.Planes, tile, part(index).ToTensor().Reshape(1, whole.Planes.Planes, tile.Height, tile.Width));
            }

            return whole;
        }
    }
}
