using DiffBir.Autoencoding;
using DiffBir.Checkpoints;
using DiffBir.Engine;
using DiffBir.Imaging;
using DiffBir.Sampling;
using DiffBir.Tests.Support;

namespace DiffBir.Tests.Autoencoding;

/// <summary>The small random autoencoder that the ground truth was computed with.</summary>
internal static class SmallAutoencoder
{
    /// <summary>Its networks.</summary>
    public static AutoencoderNetworks Of(string version) =>
        new(
            SmallNetworks.Autoencoder,
            () => Weights.From(SmallNetworks.StableDiffusion(version)),
            new EngineOptions { Device = Device.Cpu }
        );

    /// <summary>Encodes a whole image [1,3,H,W] in [0,1].</summary>
    public static LatentPosterior Encode(this IAutoencoder autoencoder, Tensor image01) =>
        autoencoder.Encode(
            PlanarImage.Of(image01),
            image01.Size(2),
            image01.Size(3),
            new LatentStore(PlanarStorage.Memory),
            CancellationToken.None
        );

    /// <summary>Decodes to a whole image, about [−1,1].</summary>
    public static Tensor DecodePm1(this IAutoencoder autoencoder, Latent latent)
    {
        var image = new Tensor(1, 3, latent.Size(2) * 8, latent.Size(3) * 8);
        autoencoder.Decode(latent, PlanarImage.Of(image), CancellationToken.None);
        return new Tensor(Array.ConvertAll(image.Data, value => (value * 2) - 1), image.Shape);
    }
}
