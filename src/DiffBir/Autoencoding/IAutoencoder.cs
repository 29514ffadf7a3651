using DiffBir.Imaging;
using DiffBir.Networks.Autoencoder;
using DiffBir.Randomness;
using DiffBir.Sampling;

namespace DiffBir.Autoencoding;

/// <summary>Image to latent and back. Implementations differ in how they tile, not in what they mean.</summary>
/// <remarks>
/// Whole images and latents come and go as planes, which may lie in scratch files: an implementation that tiles reads and writes
/// boxes of them and holds none of them whole in memory.
/// </remarks>
internal interface IAutoencoder : IDisposable
{
    /// <summary>Encodes an image to its latent posterior.</summary>
    /// <param name="image01">Three planes in [0, 1].</param>
    /// <param name="height">The height to encode; rows below the image are black.</param>
    /// <param name="width">The width to encode; columns right of the image are black.</param>
    /// <param name="store">Where the latents go.</param>
    /// <param name="cancellation">Ends the work between tiles.</param>
    /// <exception cref="ShapeException">The size is no multiple of the reduction.</exception>
    LatentPosterior Encode(PlanarImage image01, int height, int width, LatentStore store, CancellationToken cancellation);

    /// <summary>Decodes a latent to an image.</summary>
    /// <param name="latent">[1, C, h, w], scaled by <see cref="AutoencoderConfig.ScaleFactor"/>.</param>
    /// <param name="image01">Receives three planes, about [0, 1], not clamped; what lies beyond its size is cut off.</param>
    /// <param name="cancellation">Ends the work between tiles.</param>
    void Decode(Latent latent, PlanarImage image01, CancellationToken cancellation);

    /// <summary>Loads what encodes an image of a size, or its first tile, ahead of its use, where that is one network.</summary>
    void LoadEncoder(int height, int width) { }

    /// <summary>Loads what decodes a latent of a size, or its first tile, ahead of its use, where that is one network.</summary>
    void LoadDecoder(int height, int width) { }

    /// <summary>Frees the networks' memory; they are loaded again when they are needed.</summary>
    void Unload();
}

/// <summary>The distribution of latents that an image is encoded to.</summary>
/// <param name="Mean">[1, C, h, w], scaled by <see cref="AutoencoderConfig.ScaleFactor"/>.</param>
/// <param name="Deviation">[1, C, h, w], scaled likewise.</param>
internal record LatentPosterior(Latent Mean, Latent Deviation)
{
    private const float MinLogVariance = -30;
    private const float MaxLogVariance = 20;

    /// <summary>The distribution that the encoder's output says.</summary>
    /// <param name="moments">[1, 2C, h, w]: mean, then logarithm of the variance; not scaled.</param>
    /// <param name="scaleFactor">What latents are multiplied with.</param>
    public static LatentPosterior Of(Tensor moments, double scaleFactor) =>
        Of(PlanarImage.Of(moments), scaleFactor, Latent.Of(moments).Store);

    /// <inheritdoc cref="Of(Tensor, double)"/>
    /// <param name="moments">2C planes: means, then logarithms of the variance; not scaled.</param>
    /// <param name="scaleFactor">What latents are multiplied with.</param>
    /// <param name="store">Where the latents go.</param>
    internal static LatentPosterior Of(PlanarImage moments, double scaleFactor, LatentStore store)
    {
        var channels = moments.Planes / 2;
        var mean = store.Create(1, channels, moments.Height, moments.Width);
        var deviation = store.Create(1, channels, moments.Height, moments.Width);
        var scale = (float)scaleFactor;
        var line = new float[moments.Width];
        for (var row = 0; row < moments.Planes * moments.Height; row++)
        {
            var (plane, y) = (row / moments.Height, row % moments.Height);
            moments.Read(plane, y, 0, line);
            for (var x = 0; x < line.Length; x++)
            {
                line[x] =
                    plane < channels
                        ? line[x] * scale
                        : MathF.Exp(Math.Clamp(line[x], MinLogVariance, MaxLogVariance) / 2) * scale;
            }

            (plane < channels ? mean : deviation).Planes.Write(plane % channels, y, 0, line);
        }

        return new LatentPosterior(mean, deviation);
    }

    /// <summary>Latents drawn from the distribution.</summary>
    /// <param name="noise">Where the randomness comes from: one draw; where tiles are blended, one for each tile.</param>
    /// <param name="batch">How many.</param>
    /// <returns>[batch, C, h, w].</returns>
    public virtual Latent Sample(INoiseSource noise, int batch = 1)
    {
        var deviation = LatentMath.Repeat(Deviation, batch);
        return LatentMath.AddScaled(LatentMath.Repeat(Mean, batch), 1, LatentMath.Multiply(deviation, noise.Normal(deviation)));
    }
}
