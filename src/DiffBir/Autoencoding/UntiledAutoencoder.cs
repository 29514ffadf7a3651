using DiffBir.Engine;
using DiffBir.Imaging;
using DiffBir.Networks.Autoencoder;
using DiffBir.Sampling;

namespace DiffBir.Autoencoding;

/// <summary>Encodes and decodes whole images at once.</summary>
internal sealed class UntiledAutoencoder : IAutoencoder
{
    private readonly AutoencoderNetworks _networks;
    private readonly SizedNetwork _encoder;
    private readonly SizedNetwork _decoder;

    public UntiledAutoencoder(AutoencoderNetworks networks)
    {
        _networks = networks;
        _encoder = networks.Sized((height, width) => Encoder.Build(networks.Config, 1, height, width, AutoencoderKl.Scope));
        _decoder = networks.Sized((height, width) => Decoder.Build(networks.Config, 1, height, width, AutoencoderKl.Scope));
    }

    /// <inheritdoc/>
    public LatentPosterior Encode(PlanarImage image01, int height, int width, LatentStore store, CancellationToken cancellation)
    {
        _networks.ValidateSize(height, width);
        var image = AutoencoderNetworks.ReadPm1(image01, new(new(0, height), new(0, width)));
        return LatentPosterior.Of(PlanarImage.Of(Moments(image, cancellation)), _networks.Config.ScaleFactor, store);
    }

    /// <summary>The moments of an image [1,3,H,W] in [−1,1]: [1,2C,h,w], not scaled.</summary>
    public Tensor Moments(Tensor imagePm1, CancellationToken cancellation) =>
        _encoder.Run(imagePm1.Size(2), imagePm1.Size(3), cancellation, ("image", imagePm1))["moments"];

    /// <inheritdoc/>
    public void Decode(Latent latent, PlanarImage image01, CancellationToken cancellation) =>
        AutoencoderNetworks.Write01(image01, 0, 0, Decode(latent.ToTensor(), cancellation));

    /// <summary>Decodes a latent to an image [1,3,8h,8w], about [−1,1].</summary>
    public Tensor Decode(Tensor latent, CancellationToken cancellation)
    {
        var z = _networks.Unscale(latent).ToTensor();
        return _decoder.Run(z.Size(2), z.Size(3), cancellation, ("z", z))["image"];
    }

    /// <inheritdoc/>
    public void LoadEncoder(int height, int width) => _encoder.Load(height, width);

    /// <inheritdoc/>
    public void LoadDecoder(int height, int width) => _decoder.Load(height, width);

    /// <inheritdoc/>
    public void Unload()
    {
        _encoder.Unload();
        _decoder.Unload();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _encoder.Dispose();
        _decoder.Dispose();
    }
}
