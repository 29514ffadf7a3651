using System.Reflection;
using System.Text.Json;

namespace DiffBir.Metrics;

/// <summary>
/// Natural image quality evaluator (Mittal, Soundararajan, Bovik 2013): how far the statistics of an image's blocks are from those
/// of good photos, without a reference image. Lower is more natural.
/// </summary>
/// <remarks>
/// As published: blocks of 96×96 of the rounded luma (Y of BT.601), 18 numbers at full and 18 at half size, the half by MATLAB's bicubic.
/// The published statistics of good photos are the authors'; with their file (<see cref="Open"/>) values compare with those of papers.
/// Those that come with this library (<see cref="Own"/>) were fitted in the same way to the free photos of <c>tools/photos</c>; their
/// values compare with each other only. Either way grain is rewarded: fine grain on soft photos can bring them below sharp ones
/// (docs/glossary.md).
/// </remarks>
public sealed class Niqe
{
    private const double PristineShare = 0.75; // the paper's: blocks with this part of the sharpest block's sharpness count
    private const int MinBlocks = 2 * NaturalSceneFeatures.Count; // below, the covariance of good photos is singular
    private const string Resource = "DiffBir.Metrics.niqe-pristine.json";

    private static readonly Lazy<Niqe> Shipped = new(LoadShipped);

    private readonly GaussianModel _pristine;

    private Niqe(GaussianModel pristine) => _pristine = pristine;

    /// <summary>The shortest side that can be measured: one block.</summary>
    public static int MinSide => NaturalSceneFeatures.BlockSize;

    /// <summary>With the statistics that come with the library; not those of papers.</summary>
    public static Niqe Own => Shipped.Value;

    /// <summary>Learns what good photos look like.</summary>
    /// <param name="photos01">Sharp, undamaged photos, each [1,3,H,W] in [0,1].</param>
    /// <exception cref="DiffBirException">The photos have too few sharp blocks.</exception>
    public static Niqe Fit(IEnumerable<Tensor> photos01)
    {
        var features = new List<double[]>();
        foreach (var photo in photos01)
        {
            ImagePair.ValidateImage(photo);
            var blocks = NaturalSceneFeatures.Of(photo);
            var sharpest = blocks.Select(block => block.Sharpness).DefaultIfEmpty().Max();
            features.AddRange(
                blocks.Where(block => block.Sharpness > PristineShare * sharpest).Select(block => block.Features).Where(IsWhole)
            );
        }

        return features.Count >= MinBlocks
            ? new Niqe(GaussianModel.Fit(features))
            : throw new DiffBirException(
                $"The photos have {features.Count} sharp blocks of {MinSide}x{MinSide} pixels; at least {MinBlocks} are needed. Give more or larger photos."
            );
    }

    /// <summary>With the statistics of a file.</summary>
    /// <param name="path">
    /// What the authors publish (<c>modelparameters.mat</c>), BasicSR's copy of it (<c>niqe_pris_params.npz</c>), or what
    /// <see cref="Save"/> wrote.
    /// </param>
    /// <exception cref="DiffBirException">The file is missing, or holds something else.</exception>
    public static Niqe Open(string path) => new(PristineFile.Read(path));

    /// <summary>Writes the statistics as JSON.</summary>
    public void Save(Stream json) => JsonSerializer.Serialize(json, _pristine);

    /// <summary>Measures an image.</summary>
    /// <param name="image01">[1,3,H,W] in [0,1], at least 96 pixels on each side.</param>
    /// <returns>The distance to good photos; NaN for an image that is flat everywhere.</returns>
    /// <exception cref="ShapeException">The image is too small.</exception>
    public double Measure(Tensor image01)
    {
        ImagePair.ValidateImage(image01);
        if (Math.Min(image01.Size(2), image01.Size(3)) < MinSide)
        {
            throw new ShapeException(
                $"NIQE needs at least {MinSide} pixels on each side, got {image01.Size(3)}x{image01.Size(2)}. Use larger images."
            );
        }

        double[][] features = [.. NaturalSceneFeatures.Of(image01).Select(block => block.Features)];
        return Array.Exists(features, IsWhole) ? GaussianModel.Fit(features).DistanceTo(_pristine) : double.NaN;
    }

    private static bool IsWhole(double[] features) => Array.TrueForAll(features, double.IsFinite);

    private static Niqe LoadShipped()
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(Resource)!;
        var json = new byte[stream.Length];
        stream.ReadExactly(json);
        return new Niqe(PristineFile.ReadJson(json));
    }
}
