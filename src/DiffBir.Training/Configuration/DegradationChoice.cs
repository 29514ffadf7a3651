using DiffBir.Degradation;

namespace DiffBir.Training.Configuration;

/// <summary>One way to degrade samples, and how often it is taken: a family with its presets, or ranges of one's own.</summary>
internal sealed record DegradationChoice
{
    /// <summary>How often, relative to the other choices.</summary>
    public double Weight { get; init; } = 1;

    /// <summary>The name of a family with presets, with its whole range unless <see cref="Severity"/> narrows it.</summary>
    public string? Family { get; init; }

    /// <summary>A part of the family's range.</summary>
    public Severity? Severity { get; init; }

    /// <summary>Whether a family that can sharpens the clean image, and so what is aimed at, as the original of <c>realesrgan</c> does.</summary>
    public bool SharpenClean { get; init; } = true;

    /// <summary>Ranges of one's own, in place of a family's presets.</summary>
    public DegradationFamily? Ranges { get; init; }

    /// <summary>The ranges to draw from.</summary>
    internal DegradationFamily Settle()
    {
        if (Ranges is not null)
        {
            return Ranges;
        }

        var family = DegradationPreset.Find(Family!)!.For(Severity); // validated when the configuration was read
        return family.WithCleanSharpened(SharpenClean) ?? family;
    }

    /// <summary>What is wrong with the choices of a run.</summary>
    /// <param name="choices">How samples are degraded.</param>
    /// <param name="data">How they are cut.</param>
    internal static IEnumerable<string> ValidationErrors(IReadOnlyList<DegradationChoice> choices, DataOptions data)
    {
        if (choices.Count == 0)
        {
            yield return "degradations must name at least one family";
        }

        foreach (var problem in choices.SelectMany(choice => choice.ValidationErrors()))
        {
            yield return problem;
        }

        // A degraded sample is enlarged and cut by whole pixels of the small image.
        if (choices.Any(choice => data.Crop % choice.Shrink != 0 || DataOptions.MarginUnit % choice.Shrink != 0))
        {
            yield return $"each shrink of degradations must be 1, 2, 4, 8 or 16 and divide data.crop, got a crop of {data.Crop}";
        }
    }

    private double Shrink => Ranges?.Shrink ?? 1;

    private IEnumerable<string> ValidationErrors()
    {
        if (!(Weight > 0))
        {
            yield return $"degradations must have weights greater than 0, got {Weight}";
        }

        if (Family is null == Ranges is null || (Severity is not null && Ranges is not null))
        {
            yield return "each of degradations must name either a family (with a severity, if wanted) or ranges";
        }

        if (Family is not null && DegradationPreset.Find(Family) is null)
        {
            yield return $"the family of degradations must be one of {string.Join(", ", DegradationPreset.Names)}, got {Family}";
        }

        if (RangesError() is { } problem)
        {
            yield return problem;
        }
    }

    private string? RangesError()
    {
        try
        {
            Ranges?.Validate();
            return null;
        }
        catch (DiffBirException exception)
        {
            return exception.Message;
        }
    }
}
