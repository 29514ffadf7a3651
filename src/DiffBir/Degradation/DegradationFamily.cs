using System.Text.Json.Serialization;
using DiffBir.Randomness;

namespace DiffBir.Degradation;

/// <summary>How strongly an image is degraded, as a part of a family's whole range.</summary>
internal enum Severity
{
    /// <summary>What a decent phone and a messenger do.</summary>
    Mild,

    /// <summary>Clearly bad, yet everything can be recognized.</summary>
    Medium,

    /// <summary>The bad end of the original's range.</summary>
    Heavy,
}

/// <summary>A way to make low-quality images from clean ones: ranges from which the parameters of each image are drawn. A closed family.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "family")]
[JsonDerivedType(typeof(CodeFormerDegradation), "codeformer")]
[JsonDerivedType(typeof(RealEsrganDegradation), "realesrgan")]
[JsonDerivedType(typeof(IndependentDegradation), "independent")]
internal abstract record DegradationFamily
{
    private const double MaxShrink = 16;

    private protected DegradationFamily() { }

    /// <summary>How many times smaller than the clean image the result is, 1 to 16; 1 keeps the size.</summary>
    public double Shrink { get; init; } = 1;

    /// <summary>Degrades one image.</summary>
    /// <param name="clean01">[1,3,H,W] in [0,1].</param>
    /// <param name="random">Gives every choice and all noise; the same numbers give the same result.</param>
    /// <exception cref="ShapeException">The image has another shape or is empty.</exception>
    /// <exception cref="DiffBirException">A range is impossible.</exception>
    public DegradedPair Apply(Tensor clean01, IRandomSource random)
    {
        Validate();
        clean01.Validate("The image to degrade", 1, RentedImage.Channels, -1, -1);
        return Draw(clean01.Size(2), clean01.Size(3), random).Apply(clean01, random);
    }

    /// <summary>Throws unless every range is possible.</summary>
    /// <exception cref="DiffBirException">A range is impossible; the message names it.</exception>
    public void Validate()
    {
        if (!(Shrink is >= 1 and <= MaxShrink))
        {
            throw new DiffBirException($"Shrink is {Shrink}. Use a factor from 1 to {MaxShrink}.");
        }

        ValidateRanges();
    }

    /// <summary>The family with the clean image, and so what training aims at, sharpened or not; null where it never sharpens.</summary>
    internal virtual DegradationFamily? WithCleanSharpened(bool sharpen) => null;

    /// <summary>Chooses every parameter for an image of a size.</summary>
    internal abstract DegradationRecipe Draw(int height, int width, IRandomSource random);

    /// <summary>Throws unless the family's own ranges are possible.</summary>
    private protected abstract void ValidateRanges();

    /// <summary>A side times a factor, rounded down, at least one pixel.</summary>
    private protected static int Scale(int side, double factor) => Math.Max((int)(side * factor), 1);

    /// <summary>A side divided, rounded down, at least one pixel.</summary>
    private protected static int Divide(int side, double divisor) => Math.Max((int)(side / divisor), 1);

    internal static void ValidateProbability(string name, double value)
    {
        if (!(value is >= 0 and <= 1))
        {
            throw new DiffBirException($"{name} is {value}. A probability lies between 0 and 1.");
        }
    }
}
