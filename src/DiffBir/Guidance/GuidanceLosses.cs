using DiffBir.Imaging;
using DiffBir.Options;
using DiffBir.Planning;
using DiffBir.Randomness;
using DiffBir.Restoration;
using DiffBir.Sampling;
using DiffBir.Tiling;

namespace DiffBir.Guidance;

/// <summary>Makes what restoration guidance compares with: the clean image, in pixels or in latents, weighted by region or not.</summary>
/// <param name="networks">What computes.</param>
/// <param name="tiles">How the decoder is cut.</param>
/// <param name="clean">The clean image of stage 1.</param>
internal sealed class GuidanceLosses(RestorationNetworks networks, TilePlan tiles, PlanarImage clean)
{
    private readonly GuidanceOptions _options = networks.Options.Guidance;
    private readonly int _reduction = networks.Pack.Autoencoder.Sizes.Reduction;

    /// <summary>The loss that the options ask for.</summary>
    /// <param name="conditions">The encoded clean image.</param>
    /// <param name="batch">The number of samples.</param>
    /// <param name="noise">Where latent targets get their randomness.</param>
    public IGuidanceLoss Create(Conditions conditions, int batch, INoiseSource noise)
    {
        var (height, width) = (conditions.Latent.Size(2), conditions.Latent.Size(3));
        var target = Target(height * _reduction, width * _reduction);
        return _options.Space == GuidanceSpace.Rgb
            ? new DecodedImageLoss(_reduction, networks.DecoderLoss, target, tiles.Guidance)
            : InLatents(target, conditions, batch, noise);
    }

    /// <summary>Where guidance pulls: [1, 1, H, W], 1 fully, 0 not at all.</summary>
    public Tensor WeightMap() => Target(clean.Height, clean.Width).Weights(new Tile(0, 0, clean.Height, clean.Width));

    private GuidanceTarget Target(int height, int width) =>
        new(clean, height, width, _options.Loss == GuidanceLossKind.WeightedMse);

    // As v2.0.0, the target is drawn from the posterior anew at each evaluation.
    private MseLoss InLatents(GuidanceTarget target, Conditions conditions, int batch, INoiseSource noise)
    {
        var (height, width) = (conditions.Latent.Size(2), conditions.Latent.Size(3));
        var weights = target.LatentWeights(_reduction) is { } single ? LatentMath.Repeat(single, batch) : null;
        return new MseLoss(() => Framing.PadTo(conditions.Posterior.Sample(noise, batch), height, width), weights);
    }
}
