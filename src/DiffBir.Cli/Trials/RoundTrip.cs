using DiffBir.Autoencoding;
using DiffBir.Engine;
using DiffBir.Imaging;
using DiffBir.Networks.Autoencoder;
using DiffBir.Packs;
using DiffBir.Sampling;

namespace DiffBir.Cli.Trials;

/// <summary>Sends images through a pack's autoencoder alone: no restoration of stage 2 can be closer to a photo than this.</summary>
internal sealed class RoundTrip : IDisposable
{
    private readonly UntiledAutoencoder _autoencoder;
    private readonly int _reduction;

    /// <summary>Prepares the autoencoder; it is loaded when it is needed.</summary>
    /// <param name="pack">The pack.</param>
    /// <param name="engine">Where it runs.</param>
    /// <param name="weightsFolders">Where the pack's files are, besides its own folder.</param>
    /// <exception cref="PackException">The autoencoder's file is missing.</exception>
    public RoundTrip(ModelPack pack, EngineOptions engine, params IReadOnlyList<string> weightsFolders)
    {
        var files = new PackFiles(pack, weightsFolders);
        files.Validate(pack.AutoencoderSource.File);
        var weights = files.WeightsOf(pack.AutoencoderSource, AutoencoderKl.Scope);
        _autoencoder = new UntiledAutoencoder(new AutoencoderNetworks(pack.AutoencoderSource.Sizes, weights, engine));
        _reduction = pack.AutoencoderSource.Sizes.Reduction;
    }

    /// <summary>Encodes an image to the mode of its latent posterior and decodes that.</summary>
    /// <param name="image01">[1,3,H,W] in [0,1].</param>
    /// <param name="cancellation">Stops between the two.</param>
    /// <returns>[1,3,H,W], about [0,1], not clamped.</returns>
    public Tensor Run(Tensor image01, CancellationToken cancellation = default)
    {
        image01.Validate("The image", 1, 3, -1, -1);
        var (height, width) = (image01.Size(2), image01.Size(3));
        using var latents = new LatentStore(PlanarStorage.Memory);
        var image = PlanarImage.Of(image01);
        var latent = _autoencoder.Encode(image, Padded(height), Padded(width), latents, cancellation).Mean;
        var decoded = new Tensor(1, 3, height, width);
        _autoencoder.Decode(latent, PlanarImage.Of(decoded), cancellation);
        return decoded;
    }

    /// <inheritdoc/>
    public void Dispose() => _autoencoder.Dispose();

    private int Padded(int side) => Ceiling.Multiple(side, _reduction);
}
