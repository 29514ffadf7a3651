using DiffBir.Engine;
using DiffBir.Imaging;
using DiffBir.Networks.Autoencoder;

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
    public LatentPosterior Encode(PlanarImage image01, int height, int width, CancellationToken cancellation)
    {
        _networks.RequireSize(height, width);
        var image = AutoencoderNetworks.ReadPm1(image01, new(new(0, height), new(0, width)));
        return Encode(image, cancellation);
    }

    /// <summary>Encodes an image [1,3,H,W] in [−1,1].</summary>
    public LatentPosterior Encode(Tensor imagePm1, CancellationToken cancellation)
    {
        var (height, width) = (imagePm1.Size(2), imagePm1.Size(3));
        var moments = _encoder.Run(height, width, cancellation, ("image", imagePm1))["moments"];
        return LatentPosterior.Of(moments, _networks.Config.ScaleFactor);
    }

    /// <inheritdoc/>
    public void Decode(Tensor latent, PlanarImage image01, CancellationToken cancellation) =>
        AutoencoderNetworks.Write01(image01, 0, 0, Decode(latent, cancellation));

    /// <summary>Decodes a latent to an image [1,3,8h,8w], about [−1,1].</summary>
    public Tensor Decode(Tensor latent, CancellationToken cancellation)
    {
        var z = _networks.Unscale(latent);
        return _decoder.Run(z.Size(2), z.Size(3), cancellation, ("z", z))["image"];
    }

    /// <inheritdoc/>
    public void Unload()
    {
        _encoder.Unload();
        _decoder.Unload();
    }

    /// <inheritdoc/>
    public void Dispose() => Unload();
}
