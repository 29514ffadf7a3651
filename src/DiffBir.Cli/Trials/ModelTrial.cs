using System.Diagnostics;
using DiffBir.Imaging;
using DiffBir.Metrics;
using DiffBir.Metrics.Reports;
using DiffBir.Packs;
using DiffBir.Randomness;

namespace DiffBir.Cli.Trials;

/// <summary>Makes good photos bad, restores them with a model, and measures what came out.</summary>
internal sealed class ModelTrial : IDisposable
{
    private readonly TrialPlan _plan;
    private readonly Evaluator _evaluator = new(Metrics);
    private readonly List<(string Name, Restorer Restorer)> _methods = [];

    /// <summary>Prepares a model.</summary>
    /// <exception cref="DiffBirException">Its files are missing, or an option does not fit it.</exception>
    public ModelTrial(ModelPack pack, TrialPlan plan, IReadOnlyList<string> weightsFolders)
    {
        _plan = plan;
        foreach (var method in plan.Methods)
        {
            _methods.Add((method.Name, new Restorer(pack, method.Options, weightsFolders)));
        }
    }

    /// <summary>What is measured: closeness to the good photo, likeness to good photos in general, sharpness by the statistics of gradients.</summary>
    public static IReadOnlyList<QualityMetric> Metrics { get; } =
    [.. QualityMetric.All.Where(metric => metric.Name is "psnr" or "ssim" or "gmsd" or "niqe-own" or "metric-q" or "gradient")];

    /// <summary>Tries one photo in every way.</summary>
    /// <param name="name">The photo's name.</param>
    /// <param name="clean01">The photo, [1,3,H,W] in [0,1].</param>
    /// <param name="see">Shown every picture, if not null: the group, the method, the pixels.</param>
    /// <param name="cancellation">Ends the work within a step.</param>
    public IEnumerable<TrialResult> Try(
        string name,
        Tensor clean01,
        Action<TrialGroup, string, Tensor>? see,
        CancellationToken cancellation
    )
    {
        foreach (var group in _plan.Groups)
        {
            var pair = group.Family.Apply(clean01, SplitMix64.For(_plan.Seed, name));
            using var lq = Photo.Of(InEightBits(pair.Lq));
            var bad = lq.Pixels.ToTensor();
            see?.Invoke(group, TrialGallery.BadPhotos, bad);
            see?.Invoke(group, TrialGallery.GoodPhotos, pair.Clean);
            yield return new TrialResult(
                group,
                TrialMethod.Clean,
                name,
                _evaluator.Evaluate(name, pair.Clean, null, null).Result
            );
            foreach (var (method, restorer) in _methods)
            {
                var start = Stopwatch.GetTimestamp();
                using var restored = restorer.Restore(lq, cancellation: cancellation).Single();
                var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
                var image = restored.Pixels.ToTensor();
                Clamp(image);
                see?.Invoke(group, method, image);
                var isFirst = method == _methods[0].Name;
                var found = _evaluator.Evaluate(name, image, pair.Clean, isFirst ? bad : null);
                if (found.Before is { } bicubic)
                {
                    yield return new TrialResult(group, TrialMethod.Bicubic, name, bicubic);
                }

                yield return new TrialResult(group, method, name, found.Result, seconds);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var (_, restorer) in _methods)
        {
            restorer.Dispose();
        }
    }

    /// <summary>Bad photos come as files, and files have 8 bits.</summary>
    private static Tensor InEightBits(Tensor image01)
    {
        Clamp(image01);
        foreach (ref var value in image01.Span)
        {
            value = MathF.Round(value * 255) / 255;
        }

        return image01;
    }

    private static void Clamp(Tensor image01)
    {
        foreach (ref var value in image01.Span)
        {
            value = Math.Clamp(value, 0, 1);
        }
    }
}

/// <summary>The measures of one picture.</summary>
/// <param name="Group">How the photo was made bad.</param>
/// <param name="Method">How it was restored.</param>
/// <param name="Photo">The photo's name.</param>
/// <param name="Scores">The measures.</param>
/// <param name="Seconds">How long the restoration took; null for pictures that were not restored.</param>
internal sealed record TrialResult(TrialGroup Group, string Method, string Photo, Scores Scores, double? Seconds = null);
