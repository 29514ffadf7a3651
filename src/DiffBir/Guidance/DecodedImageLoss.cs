using DiffBir.Engine;
using DiffBir.Imaging;
using DiffBir.Sampling;
using DiffBir.Tiling;

namespace DiffBir.Guidance;

/// <summary>How far the decoded latent is from the clean image, and the gradient of that through the decoder.</summary>
/// <remarks>
/// Tiles are possible because the loss is a sum over pixels: each tile answers for its own pixels and sees a border of its
/// neighbors' latents; the gradients add up. Norms see one tile only, which is an approximation.
/// </remarks>
/// <param name="reduction">Image pixels for each latent pixel.</param>
/// <param name="network"><see cref="DecoderLoss"/>; it stays its owner's.</param>
/// <param name="target">The clean image, as large as the decoded latent, and the weights of its pixels.</param>
/// <param name="tile">The side of a tile in latent pixels; null: the whole latent at once.</param>
internal sealed class DecodedImageLoss(int reduction, SizedNetwork network, GuidanceTarget target, int? tile) : IGuidanceLoss
{
    private const int Halo = 11; // latent pixels: what a pixel of the image depends on, nearly all of it

    /// <inheritdoc/>
    public GuidanceGradient Evaluate(Latent z0)
    {
        var (batch, height, width) = (z0.Size(0), z0.Size(2), z0.Size(3));
        var (loss, gradient) = (0.0, z0.Store.Create(z0.Shape));
        for (var sample = 0; sample < batch; sample++)
        {
            var latent = LatentMath.Images(z0, sample, 1);
            foreach (var (own, box) in Tiles(height, width))
            {
                loss += Add(latent, own, box, gradient, sample);
            }
        }

        return new GuidanceGradient(loss, gradient);
    }

    private double Add(Latent latent, Rectangle own, Rectangle box, Latent gradient, int sample)
    {
        var results = network.Run(
            box.Height,
            box.Width,
            CancellationToken.None,
            ("z0", LatentMath.Crop(latent, box)),
            ("target", target.ReadPm1(box.Times(reduction))),
            ("weights", OwnWeights(own, box))
        );
        // The network takes the mean over the box; the loss is the mean over the image.
        var share = (double)box.Height * box.Width / ((double)latent.Size(2) * latent.Size(3));
        Accumulate(gradient, results["gradient"], sample, box, (float)share);
        return results["loss"].Data[0] * share;
    }

    // Each tile answers for its own pixels.
    private Tensor OwnWeights(Rectangle own, Rectangle box)
    {
        var weights = new Tensor(1, 1, box.Height * reduction, box.Width * reduction);
        PlanarImage
            .Of(weights)
            .WriteBox((own.Top - box.Top) * reduction, (own.Left - box.Left) * reduction, target.Weights(own.Times(reduction)));
        return weights;
    }

    private static void Accumulate(Latent gradient, Tensor part, int sample, Rectangle box, float share)
    {
        var sum = new float[box.Width];
        for (var line = 0; line < gradient.Size(1) * box.Height; line++)
        {
            var (plane, row) = ((sample * gradient.Size(1)) + (line / box.Height), box.Top + (line % box.Height));
            gradient.Planes.Read(plane, row, box.Left, sum);
            for (var column = 0; column < sum.Length; column++)
            {
                sum[column] += share * part.Data[(line * box.Width) + column];
            }

            gradient.Planes.Write(plane, row, box.Left, sum);
        }
    }

    // Every tile has the same size, so that one loaded network serves all.
    private IEnumerable<(Rectangle Own, Rectangle Box)> Tiles(int height, int width)
    {
        var side = tile ?? Math.Max(height, width);
        var (boxHeight, boxWidth) = (Math.Min(height, side + (2 * Halo)), Math.Min(width, side + (2 * Halo)));
        for (var top = 0; top < height; top += side)
        {
            for (var left = 0; left < width; left += side)
            {
                var own = new Rectangle(top, left, Math.Min(side, height - top), Math.Min(side, width - left));
                var boxTop = Math.Clamp(top - Halo, 0, height - boxHeight);
                var boxLeft = Math.Clamp(left - Halo, 0, width - boxWidth);
                yield return (own, new Rectangle(boxTop, boxLeft, boxHeight, boxWidth));
            }
        }
    }
}
