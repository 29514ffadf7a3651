using DiffBir.Imaging;
using DiffBir.Packs;
using DiffBir.Randomness;
using DiffBir.Stage2.Autoencoder;
using DiffBir.Stage2.Sampling;
using DiffBir.Stage2.Sampling.Guidance;
using DiffBir.Tiling;

namespace DiffBir.Stage2;

/// <summary>Makes what restoration guidance compares with: the clean image, in pixels or in latents, weighted by region or not.</summary>
/// <param name="networks">What computes.</param>
/// <param name="tiles">How the decoder is cut.</param>
/// <param name="clean">The clean image of stage 1.</param>
internal sealed class GuidanceLosses(Networks networks, TilePlan tiles, PlanarImage clean)
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
        var image01 = TiledPlanes.ReadPadded(clean, 0, 0, height * _reduction, width * _reduction);
        return _options.Space == GuidanceSpace.Rgb
            ? InPixels(image01)
            : InLatents(image01, conditions, batch, noise);
    }

    /// <summary>Where guidance pulls: [1, 1, H, W], 1 fully, 0 not at all.</summary>
    public Tensor WeightMap() => Weights(clean.ToTensor());

    private Tensor Weights(Tensor image01)
    {
        if (_options.Loss == GuidanceLossKind.WeightedMse)
        {
            return RegionWeights.Of(image01);
        }

        var ones = new Tensor(1, 1, image01.Size(2), image01.Size(3));
        ones.Span.Fill(1);
        return ones;
    }

    private DecodedImageLoss InPixels(Tensor image01)
    {
        var weights = Weights(image01);
        var targetPm1 = new Tensor(
            Array.ConvertAll(image01.Data, value => value * 2 - 1),
            image01.Shape
        );
        return new DecodedImageLoss(
            networks.Pack.Autoencoder.Sizes,
            networks.DecoderLoss,
            targetPm1,
            weights,
            tiles.Guidance
        );
    }

    // As v2.0.0, the target is drawn from the posterior anew at each evaluation.
    private MseLoss InLatents(Tensor image01, Conditions conditions, int batch, INoiseSource noise)
    {
        var (height, width) = (conditions.Latent.Size(2), conditions.Latent.Size(3));
        Tensor? weights = null;
        if (_options.Loss == GuidanceLossKind.WeightedMse)
        {
            var single = RegionWeights.ForLatent(RegionWeights.Of(image01), height, width);
            weights = LatentMath.Repeat(single, batch);
        }

        return new MseLoss(
            () => Framing.PadTo(conditions.Posterior.Sample(noise, batch), height, width),
            weights
        );
    }
}
