using System.Reflection;
using System.Text.Json;

namespace DiffBir.Metrics;

/// <summary>
/// Natural image quality evaluator (Mittal, Soundararajan, Bovik 2013): how far the statistics of an image's blocks are from those
/// of good photos, without a reference image. Lower is more natural.
/// </summary>
/// <remarks>
/// The statistics of good photos that come with this library were fitted by <c>diffbir fit-niqe</c> to photos of its own, so values
/// compare with each other but not with those of papers.
/// </remarks>
public sealed class Niqe
{
    private const double PristineShare = 0.75; // the paper's: blocks with this part of the sharpest block's sharpness count
    private const int FewestBlocks = 2 * NaturalSceneFeatures.Count; // below, the covariance of good photos is singular
    private const string Resource = "DiffBir.Metrics.niqe-pristine.json";

    private static readonly Lazy<Niqe> Shipped = new(LoadShipped);

    private readonly GaussianModel _pristine;

    private Niqe(GaussianModel pristine) => _pristine = pristine;

    /// <summary>The shortest side that can be measured: one block.</summary>
    public static int SmallestSide => NaturalSceneFeatures.BlockSize;

    /// <summary>With the statistics that come with the library.</summary>
    public static Niqe Default => Shipped.Value;

    /// <summary>Learns what good photos look like.</summary>
    /// <param name="photos01">Sharp, undamaged photos, each [1,3,H,W] in [0,1].</param>
    /// <exception cref="DiffBirException">The photos have too few sharp blocks.</exception>
    public static Niqe Fit(IEnumerable<Tensor> photos01)
    {
        var features = new List<double[]>();
        foreach (var photo in photos01)
        {
            ImagePair.RequireImage(photo);
            var blocks = NaturalSceneFeatures.Of(photo);
            var sharpest = blocks.Select(block => block.Sharpness).DefaultIfEmpty().Max();
            features.AddRange(
                blocks.Where(block => block.Sharpness > PristineShare * sharpest).Select(block => block.Features).Where(IsFinite)
            );
        }

        return features.Count >= FewestBlocks
            ? new Niqe(GaussianModel.Fit(features))
            : throw new DiffBirException(
                $"The photos have {features.Count} sharp blocks of {SmallestSide}x{SmallestSide} pixels; at least {FewestBlocks} are needed. Give more or larger photos."
            );
    }

    /// <summary>Reads statistics that <see cref="Save"/> wrote.</summary>
    /// <exception cref="DiffBirException">The file holds something else.</exception>
    public static Niqe Load(Stream json)
    {
        const int count = NaturalSceneFeatures.Count;
        try
        {
            var model = JsonSerializer.Deserialize<GaussianModel>(json);
            if (model is { Mean.Length: count, Covariance.Length: count * count })
            {
                return new Niqe(model);
            }
        }
        catch (JsonException error)
        {
            throw new DiffBirException($"The NIQE statistics are not JSON: {error.Message}", error);
        }

        throw new DiffBirException(
            $"The NIQE statistics need {count} means and {count} x {count} covariances. Make them with diffbir fit-niqe."
        );
    }

    /// <summary>Writes the statistics as JSON.</summary>
    public void Save(Stream json) => JsonSerializer.Serialize(json, _pristine);

    /// <summary>Measures an image.</summary>
    /// <param name="image01">[1,3,H,W] in [0,1], at least 96 pixels on each side.</param>
    /// <returns>The distance to good photos; NaN for an image that is flat everywhere.</returns>
    /// <exception cref="ShapeException">The image is too small.</exception>
    public double Measure(Tensor image01)
    {
        ImagePair.RequireImage(image01);
        if (Math.Min(image01.Size(2), image01.Size(3)) < SmallestSide)
        {
            throw new ShapeException(
                $"NIQE needs at least {SmallestSide} pixels on each side, got {image01.Size(3)}x{image01.Size(2)}. Use larger images."
            );
        }

        double[][] features = [.. NaturalSceneFeatures.Of(image01).Select(block => block.Features).Where(IsFinite)];
        return features.Length == 0 ? double.NaN : GaussianModel.Fit(features).DistanceTo(_pristine);
    }

    private static bool IsFinite(double[] features) => features.All(double.IsFinite);

    private static Niqe LoadShipped()
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(Resource)!;
        return Load(stream);
    }
}
