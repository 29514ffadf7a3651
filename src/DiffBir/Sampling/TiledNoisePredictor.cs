using DiffBir.Imaging;
using DiffBir.Tiling;

namespace DiffBir.Sampling;

/// <summary>A denoising network that sees one tile of the latent, and of the condition latent, at a time.</summary>
/// <remarks>The blended prediction is what the sampler sees: every step is taken on the whole latent, so that tiles agree.</remarks>
/// <param name="network">The network.</param>
/// <param name="size">A tile's side in latent pixels; networks of four levels need a multiple of 8.</param>
/// <param name="stride">How far one tile begins after the other: from 1 to the size.</param>
public sealed class TiledNoisePredictor(INoisePredictor network, int size, int stride) : INoisePredictor
{
    /// <inheritdoc/>
    public Tensor Predict(Tensor xt, double timestep, DenoiserCondition condition, CancellationToken cancellation)
    {
        condition.Latent.Require("the condition latent", -1, -1, xt.Size(2), xt.Size(3));
        return TiledMap.Apply(
            xt,
            TileGrid.Cover(xt.Size(2), xt.Size(3), size, stride),
            (part, tile) =>
            {
                cancellation.ThrowIfCancellationRequested();
                return network.Predict(part, timestep, Crop(condition, tile), cancellation);
            }
        );
    }

    // The text stays whole.
    private static DenoiserCondition Crop(DenoiserCondition condition, Tile tile) =>
        condition with
        {
            Latent = Framing.Crop(condition.Latent, tile.Top, tile.Left, tile.Height, tile.Width),
        };
}
