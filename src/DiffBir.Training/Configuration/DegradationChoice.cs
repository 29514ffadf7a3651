using System.Diagnostics;
using DiffBir.Degradation;

namespace DiffBir.Training.Configuration;

/// <summary>One way to degrade samples, and how often it is taken: a family with its presets, or ranges of one's own.</summary>
public sealed record DegradationChoice
{
    /// <summary>How often, relative to the other choices.</summary>
    public double Weight { get; init; } = 1;

    /// <summary>The family, with its whole range unless <see cref="Severity"/> narrows it.</summary>
    public DegradationKind? Family { get; init; }

    /// <summary>A part of the family's range.</summary>
    public Severity? Severity { get; init; }

    /// <summary>Whether <see cref="DegradationKind.RealEsrgan"/> sharpens the clean image, and so what is aimed at, as the original does.</summary>
    public bool SharpenClean { get; init; } = true;

    /// <summary>Ranges of one's own, in place of a family's presets.</summary>
    public DegradationFamily? Ranges { get; init; }

    /// <summary>The ranges to draw from.</summary>
    internal DegradationFamily Settle() =>
        (Ranges, Family, Severity) switch
        {
            ({ } ranges, null, null) => ranges,
            (null, DegradationKind.CodeFormer, null) => new CodeFormerDegradation(),
            (null, DegradationKind.CodeFormer, { } severity) => CodeFormerDegradation.For(severity),
            (null, DegradationKind.RealEsrgan, null) => new RealEsrganDegradation { SharpenClean = SharpenClean },
            (null, DegradationKind.RealEsrgan, { } severity) => RealEsrganDegradation.For(severity) with
            {
                SharpenClean = SharpenClean,
            },
            _ => throw new UnreachableException($"No ranges of {this}."),
        };

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

/// <summary>The families of degradation.</summary>
public enum DegradationKind
{
    /// <summary>Blur, downsampling, noise, JPEG, once.</summary>
    CodeFormer,

    /// <summary>Blur, resizing, noise, JPEG, twice.</summary>
    RealEsrgan,
}
