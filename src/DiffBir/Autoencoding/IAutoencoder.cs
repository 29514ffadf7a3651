using DiffBir.Imaging;
using DiffBir.Networks.Autoencoder;
using DiffBir.Randomness;

namespace DiffBir.Autoencoding;

/// <summary>Image to latent and back. Implementations differ in how they tile, not in what they mean.</summary>
/// <remarks>
/// Whole images come and go as planes, which may lie in scratch files: an implementation that tiles reads and writes boxes of
/// them and holds no whole image in memory.
/// </remarks>
public interface IAutoencoder : IDisposable
{
    /// <summary>Encodes an image to its latent posterior.</summary>
    /// <param name="image01">Three planes in [0, 1].</param>
    /// <param name="height">The height to encode; rows below the image are black.</param>
    /// <param name="width">The width to encode; columns right of the image are black.</param>
    /// <param name="cancellation">Ends the work between tiles.</param>
    /// <exception cref="ShapeException">The size is no multiple of the reduction.</exception>
    LatentPosterior Encode(PlanarImage image01, int height, int width, CancellationToken cancellation);

    /// <summary>Decodes a latent to an image.</summary>
    /// <param name="latent">[1, C, h, w], scaled by <see cref="AutoencoderConfig.ScaleFactor"/>.</param>
    /// <param name="image01">Receives three planes, about [0, 1], not clamped; what lies beyond its size is cut off.</param>
    /// <param name="cancellation">Ends the work between tiles.</param>
    void Decode(Tensor latent, PlanarImage image01, CancellationToken cancellation);

    /// <summary>Frees the networks' memory; they are loaded again when they are needed.</summary>
    void Unload();
}

/// <summary>The distribution of latents that an image is encoded to.</summary>
/// <param name="Mean">[1, C, h, w], scaled by <see cref="AutoencoderConfig.ScaleFactor"/>.</param>
/// <param name="Deviation">[1, C, h, w], scaled likewise.</param>
public record LatentPosterior(Tensor Mean, Tensor Deviation)
{
    private const float LeastLogVariance = -30;
    private const float GreatestLogVariance = 20;

    /// <summary>The distribution that the encoder's output says.</summary>
    /// <param name="moments">[1, 2C, h, w]: mean, then logarithm of the variance; not scaled.</param>
    /// <param name="scaleFactor">What latents are multiplied with.</param>
    public static LatentPosterior Of(Tensor moments, double scaleFactor)
    {
        var (channels, height, width) = (moments.Size(1) / 2, moments.Size(2), moments.Size(3));
        var mean = new Tensor(1, channels, height, width);
        var deviation = new Tensor(1, channels, height, width);
        var scale = (float)scaleFactor;
        for (var index = 0; index < mean.Length; index++)
        {
            var logVariance = Math.Clamp(moments.Data[mean.Length + index], LeastLogVariance, GreatestLogVariance);
            mean.Data[index] = moments.Data[index] * scale;
            deviation.Data[index] = MathF.Exp(logVariance / 2) * scale;
        }

        return new LatentPosterior(mean, deviation);
    }

    /// <summary>Latents drawn from the distribution.</summary>
    /// <param name="noise">Where the randomness comes from: one draw; where tiles are blended, one for each tile.</param>
    /// <param name="batch">How many.</param>
    /// <returns>[batch, C, h, w].</returns>
    public virtual Tensor Sample(INoiseSource noise, int batch = 1)
    {
        var draw = noise.Normal([batch, .. Mean.Shape[1..]]);
        for (var index = 0; index < draw.Length; index++)
        {
            var element = index % Mean.Length;
            draw.Data[index] = Mean.Data[element] + Deviation.Data[element] * draw.Data[index];
        }

        return draw;
    }
}
