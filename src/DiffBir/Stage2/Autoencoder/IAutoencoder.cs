using DiffBir.Imaging;
using DiffBir.Randomness;

namespace DiffBir.Stage2.Autoencoder;

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
public sealed record LatentPosterior(Tensor Mean, Tensor Deviation)
{
    /// <summary>A latent drawn from the distribution.</summary>
    public Tensor Sample(INoiseSource noise)
    {
        var draw = noise.Normal(Mean.Shape);
        for (var index = 0; index < draw.Length; index++)
        {
            draw.Data[index] = Mean.Data[index] + Deviation.Data[index] * draw.Data[index];
        }

        return draw;
    }
}
