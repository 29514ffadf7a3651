using DiffBir.Degradation;

namespace DiffBir.Training.Configuration;

/// <summary>One way to degrade samples, and how often it is taken.</summary>
public sealed record DegradationChoice
{
    /// <summary>How often, relative to the other choices.</summary>
    public double Weight { get; init; } = 1;

    /// <summary>The family, with its whole range unless <see cref="Severity"/> narrows it.</summary>
    public required DegradationKind Family { get; init; }

    /// <summary>A part of the family's range.</summary>
    public Severity? Severity { get; init; }

    /// <summary>Whether <see cref="DegradationKind.RealEsrgan"/> sharpens the clean image, and so what is aimed at, as the original does.</summary>
    public bool SharpenClean { get; init; } = true;

    /// <summary>The ranges to draw from.</summary>
    internal DegradationFamily Ranges() =>
        (Family, Severity) switch
        {
            (DegradationKind.CodeFormer, null) => new CodeFormerDegradation(),
            (DegradationKind.CodeFormer, { } severity) => CodeFormerDegradation.For(severity),
            (_, null) => new RealEsrganDegradation { SharpenClean = SharpenClean },
            (_, { } severity) => RealEsrganDegradation.For(severity) with { SharpenClean = SharpenClean },
        };
}

/// <summary>The families of degradation.</summary>
public enum DegradationKind
{
    /// <summary>Blur, downsampling, noise, JPEG, once.</summary>
    CodeFormer,

    /// <summary>Blur, resizing, noise, JPEG, twice.</summary>
    RealEsrgan,
}
