using DiffBir.Tiling;

namespace DiffBir.Sampling;

/// <summary>A denoising network that sees one tile of the latent, and of the condition latent, at a time.</summary>
/// <remarks>The blended prediction is what the sampler sees: every step is taken on the whole latent, so that tiles agree.</remarks>
/// <param name="network">The network.</param>
/// <param name="size">A tile's side in latent pixels; networks of four levels need a multiple of 8.</param>
/// <param name="stride">How far one tile begins after the other: from 1 to the size.</param>
internal sealed class TiledNoisePredictor(INoisePredictor network, int size, int stride) : INoisePredictor
{
    /// <summary>Whether a tile weighs most in the middle of its rows; otherwise half a pixel below, as in DiffBIR (docs/quirks.md#tile-weights).</summary>
    public bool CentersWeights { get; init; }

    /// <inheritdoc/>
    public Latent Predict(Latent xt, double timestep, DenoiserCondition condition, CancellationToken cancellation)
    {
        condition.Latent.Validate("the condition latent", -1, -1, xt.Size(2), xt.Size(3));
        var grid = TileGrid.Cover(xt.Size(2), xt.Size(3), size, stride);
        if (grid.Tiles.Count == 1)
        {
            return network.Predict(xt, timestep, condition, cancellation);
        }

        var blend = new TileBlend(grid, scale: 1, CentersWeights);
        var prediction = xt.Store.Create(xt.Shape);
        foreach (var tile in grid.Tiles)
        {
            cancellation.ThrowIfCancellationRequested();
            var part = network.Predict(Crop(xt, tile), timestep, Crop(condition, tile), cancellation);
            part.Validate("a tile's prediction", xt.Size(0), xt.Size(1), tile.Height, tile.Width);
            blend.Add(prediction.Planes, tile, part.ToTensor().Reshape(1, prediction.Planes.Planes, tile.Height, tile.Width));
        }

        return prediction;
    }

    private static Latent Crop(Latent latent, Rectangle tile) => LatentMath.Crop(latent, tile);

    // The text stays whole.
    private static DenoiserCondition Crop(DenoiserCondition condition, Rectangle tile) =>
        condition with
        {
            Latent = Crop(condition.Latent, tile),
            Top = tile.Top,
            Left = tile.Left,
        };
}
