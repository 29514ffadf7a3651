using DiffBir.Autoencoding;
using DiffBir.Engine;
using DiffBir.Imaging;
using DiffBir.Randomness;
using DiffBir.Sampling;
using DiffBir.Tiling;

namespace DiffBir.Guidance;

/// <summary>Makes what restoration guidance compares with: the clean image, in pixels or in latents, weighted by region or not.</summary>
/// <param name="clean">The clean image of stage 1.</param>
/// <param name="kind">Whether regions count alike.</param>
/// <param name="reduction">Image pixels for each latent pixel.</param>
internal sealed class GuidanceLosses(PlanarImage clean, GuidanceLossKind kind, int reduction)
{
    /// <summary>A loss that compares decoded images.</summary>
    /// <param name="decoderLoss">The decoder with its distance to an image (<see cref="DecoderLoss"/>); it stays its owner's.</param>
    /// <param name="tile">The side of a tile in latent pixels; null: the whole latent at once.</param>
    /// <param name="height">The latents' height.</param>
    /// <param name="width">The latents' width.</param>
    public IGuidanceLoss InPixels(SizedNetwork decoderLoss, int? tile, int height, int width) =>
        new DecodedImageLoss(reduction, decoderLoss, Target(height * reduction, width * reduction), tile);

    /// <summary>A loss that compares latents.</summary>
    /// <param name="posterior">The clean image's latent distribution. As v2.0.0, a target is drawn from it anew at each evaluation.</param>
    /// <param name="batch">The number of samples.</param>
    /// <param name="height">The latents' height.</param>
    /// <param name="width">The latents' width.</param>
    /// <param name="noise">Where targets get their randomness.</param>
    public IGuidanceLoss InLatents(LatentPosterior posterior, int batch, int height, int width, INoiseSource noise)
    {
        var target = Target(height * reduction, width * reduction);
        var weights = target.LatentWeights(reduction, posterior.Mean.Store) is { } single
            ? LatentMath.Repeat(single, batch)
            : null;
        return new MseLoss(() => LatentMath.Resize(posterior.Sample(noise, batch), height, width), weights);
    }

    /// <summary>Where guidance pulls: three equal planes, 1 fully, 0 not at all.</summary>
    /// <param name="storage">Where it goes.</param>
    public PlanarImage WeightMap(PlanarStorage storage) => Target(clean.Height, clean.Width).WeightMap(storage);

    private GuidanceTarget Target(int height, int width) => new(clean, height, width, kind == GuidanceLossKind.WeightedMse);
}
