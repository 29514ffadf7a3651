using DiffBir.Engine;
using DiffBir.Imaging;
using DiffBir.Stage2.Sampling;
using DiffBir.Stage2.Sampling.Guidance;
using DiffBir.Tiling;

namespace DiffBir.Stage2.Autoencoder;

/// <summary>How far the decoded latent is from the clean image, and the gradient of that through the decoder.</summary>
/// <remarks>
/// Tiles are possible because the loss is a sum over pixels: each tile answers for its own pixels and sees a border of its
/// neighbours' latents; the gradients add up. Norms see one tile only, which is an approximation.
/// </remarks>
internal sealed class DecodedImageLoss : IGuidanceLoss
{
    private const int Halo = 11; // latent pixels: what a pixel of the image depends on, nearly all of it

    private readonly AutoencoderConfig _config;
    private readonly SizedNetwork _network;
    private readonly Tensor _targetPm1;
    private readonly Tensor _weights;
    private readonly int? _tile;

    /// <summary>Describes the loss.</summary>
    /// <param name="config">The sizes.</param>
    /// <param name="network"><see cref="DecoderLoss"/>; it stays its owner's.</param>
    /// <param name="targetPm1">The clean image [1, 3, H, W] in [−1, 1], as large as the decoded latent.</param>
    /// <param name="weights">W, [1, 1, H, W].</param>
    /// <param name="tile">The side of a tile in latent pixels; null: the whole latent at once.</param>
    public DecodedImageLoss(
        AutoencoderConfig config,
        SizedNetwork network,
        Tensor targetPm1,
        Tensor weights,
        int? tile
    ) =>
        (_config, _network, _targetPm1, _weights, _tile) = (
            config,
            network,
            targetPm1,
            weights,
            tile
        );

    /// <inheritdoc/>
    public GuidanceGradient Evaluate(Tensor z0)
    {
        var (batch, height, width) = (z0.Size(0), z0.Size(2), z0.Size(3));
        var (loss, gradient) = (0.0, new Tensor(z0.Shape));
        for (var sample = 0; sample < batch; sample++)
        {
            foreach (var (own, box) in Tiles(height, width))
            {
                loss += Add(z0, sample, own, box, gradient);
            }
        }

        return new GuidanceGradient(loss, gradient);
    }

    private double Add(Tensor z0, int sample, Tile own, Tile box, Tensor gradient)
    {
        var r = _config.Reduction;
        var latent = LatentMath.Image(z0, sample);
        var results = _network.Run(
            box.Height,
            box.Width,
            CancellationToken.None,
            ("z0", Framing.Crop(latent, box.Top, box.Left, box.Height, box.Width)),
            (
                "target",
                Framing.Crop(_targetPm1, box.Top * r, box.Left * r, box.Height * r, box.Width * r)
            ),
            ("weights", OwnWeights(own, box))
        );
        // The network takes the mean over the box; the loss is the mean over the image.
        var share = (double)box.Height * box.Width / (z0.Size(2) * z0.Size(3));
        Accumulate(gradient, results["gradient"], sample, box, (float)share);
        return results["loss"].Data[0] * share;
    }

    private Tensor OwnWeights(Tile own, Tile box)
    {
        var r = _config.Reduction;
        var weights = new Tensor(1, 1, box.Height * r, box.Width * r);
        var columns = own.Width * r;
        for (var row = 0; row < own.Height * r; row++)
        {
            var from = (own.Top * r + row) * _weights.Size(3) + own.Left * r;
            var to = ((own.Top - box.Top) * r + row) * weights.Size(3) + (own.Left - box.Left) * r;
            _weights.Span.Slice(from, columns).CopyTo(weights.Span[to..]);
        }

        return weights;
    }

    private static void Accumulate(Tensor gradient, Tensor part, int sample, Tile box, float share)
    {
        var (channels, height, width) = (gradient.Size(1), gradient.Size(2), gradient.Size(3));
        for (var line = 0; line < channels * box.Height; line++)
        {
            var (channel, row) = (line / box.Height, line % box.Height);
            var to = ((sample * channels + channel) * height + box.Top + row) * width + box.Left;
            for (var column = 0; column < box.Width; column++)
            {
                gradient.Data[to + column] += share * part.Data[line * box.Width + column];
            }
        }
    }

    // Every tile has the same size, so that one loaded network serves all.
    private IEnumerable<(Tile Own, Tile Box)> Tiles(int height, int width)
    {
        var side = _tile ?? Math.Max(height, width);
        var (boxHeight, boxWidth) = (
            Math.Min(height, side + 2 * Halo),
            Math.Min(width, side + 2 * Halo)
        );
        for (var top = 0; top < height; top += side)
        {
            for (var left = 0; left < width; left += side)
            {
                var own = new Tile(
                    top,
                    left,
                    Math.Min(side, height - top),
                    Math.Min(side, width - left)
                );
                var boxTop = Math.Clamp(top - Halo, 0, height - boxHeight);
                var boxLeft = Math.Clamp(left - Halo, 0, width - boxWidth);
                yield return (own, new Tile(boxTop, boxLeft, boxHeight, boxWidth));
            }
        }
    }
}
