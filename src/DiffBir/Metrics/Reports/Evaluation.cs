namespace DiffBir.Metrics.Reports;

/// <summary>The values of several measures for one image, by the measures' names; null where a measure does not apply.</summary>
internal sealed class Scores(IReadOnlyDictionary<string, double?> values)
{
    /// <summary>The value of a measure; null where it does not apply.</summary>
    public double? this[QualityMetric metric] => Values.GetValueOrDefault(metric.Name);

    /// <summary>All values, by the measures' names.</summary>
    public IReadOnlyDictionary<string, double?> Values { get; } = values;

    /// <summary>The mean of each measure over the images that have a value.</summary>
    public static Scores Mean(IReadOnlyCollection<Scores> all, IEnumerable<QualityMetric> metrics) =>
        new(metrics.ToDictionary(metric => metric.Name, metric => all.Average(scores => scores[metric]), StringComparer.Ordinal));
}

/// <summary>What was found about one image.</summary>
/// <param name="Name">Its name in tables.</param>
/// <param name="Result">The values of the image itself.</param>
/// <param name="Before">The values of the image it was made from; null if that was not given.</param>
/// <param name="Pictures">The pictures for a report; null if they were not kept.</param>
internal sealed record EvaluatedImage(string Name, Scores Result, Scores? Before, ReportPictures? Pictures);

/// <summary>Pictures as JPEG files.</summary>
/// <param name="Width">Columns.</param>
/// <param name="Height">Rows.</param>
/// <param name="Result">The image.</param>
/// <param name="Before">The image it was made from, brought to the same size.</param>
/// <param name="Reference">The image it should be like.</param>
internal sealed record ReportPictures(int Width, int Height, byte[] Result, byte[]? Before, byte[]? Reference);

/// <summary>The values of many images.</summary>
/// <param name="Metrics">The measures, in the order of the columns.</param>
/// <param name="Images">The images.</param>
internal sealed record Evaluation(IReadOnlyList<QualityMetric> Metrics, IReadOnlyList<EvaluatedImage> Images)
{
    /// <summary>Where the values come from; null where nobody says.</summary>
    public EvaluationOrigin? Origin { get; init; }

    /// <summary>The means over the images.</summary>
    public Scores MeanResult => Scores.Mean([.. Images.Select(image => image.Result)], Metrics);

    /// <summary>The means over the images before; null if none was given.</summary>
    public Scores? MeanBefore =>
        Images.Any(image => image.Before is not null)
            ? Scores.Mean([.. Images.Select(image => image.Before).OfType<Scores>()], Metrics)
            : null;
}

/// <summary>Where the values of an evaluation come from.</summary>
/// <param name="About">What made the images, in words: the model and its settings; null if it was not said.</param>
/// <param name="Border">Pixels that were left out on each side.</param>
/// <param name="Measured">When.</param>
internal sealed record EvaluationOrigin(string? About, int Border, DateTimeOffset Measured);
