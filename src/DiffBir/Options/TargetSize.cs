using System.Globalization;

namespace DiffBir.Options;

/// <summary>What a length of a <see cref="TargetSize"/> is counted in.</summary>
public enum SizeUnit
{
    /// <summary>Pixels.</summary>
    Pixels,

    /// <summary>Centimeters on paper.</summary>
    Centimeters,

    /// <summary>Inches on paper.</summary>
    Inches,
}

/// <summary>How large a result is to be, whatever the photo's own size; the photo keeps its proportions.</summary>
/// <param name="Width">From left to right.</param>
/// <param name="Height">From top to bottom.</param>
public readonly record struct TargetSize(double Width, double Height)
{
    private const string Fit = "fit:";
    private const string PerInch = "dpi";
    private const double CentimetersPerInch = 2.54;

    /// <summary>What the sides are counted in.</summary>
    public SizeUnit Unit { get; init; }

    /// <summary>The pixels of an inch on paper; without meaning for pixels.</summary>
    public double DotsPerInch { get; init; }

    /// <summary>Whether the result is to fit inside; else it is to cover all of it, and may be longer in one direction.</summary>
    public bool FitsInside { get; init; }

    /// <summary>A size as people write it: 3840x2160, fit:3840x2160, 20x30cm@300dpi; null where a text is none.</summary>
    public static TargetSize? Parse(string text)
    {
        var isInside = text.StartsWith(Fit, StringComparison.Ordinal);
        var parts = (isInside ? text[Fit.Length..] : text).Split('@');
        var unit =
            parts[0].EndsWith("cm", StringComparison.Ordinal) ? SizeUnit.Centimeters
            : parts[0].EndsWith("in", StringComparison.Ordinal) ? SizeUnit.Inches
            : SizeUnit.Pixels;
        var sides = (unit == SizeUnit.Pixels ? parts[0] : parts[0][..^2]).Split('x');
        // Paper needs a resolution, and pixels have none.
        if (sides.Length != 2 || parts.Length != (unit == SizeUnit.Pixels ? 1 : 2))
        {
            return null;
        }

        var resolution = unit == SizeUnit.Pixels ? 0 : Resolution(parts[1]);
        return Length(sides[0], unit) is { } width && Length(sides[1], unit) is { } height && resolution is { } dots
            ? new TargetSize(width, height)
            {
                Unit = unit,
                DotsPerInch = dots,
                FitsInside = isInside,
            }
            : null;
    }

    /// <inheritdoc/>
    public override string ToString()
    {
        var unit = Unit switch
        {
            SizeUnit.Centimeters => "cm",
            SizeUnit.Inches => "in",
            _ => "",
        };
        var resolution = Unit == SizeUnit.Pixels ? "" : string.Create(CultureInfo.InvariantCulture, $"@{DotsPerInch}{PerInch}");
        return string.Create(CultureInfo.InvariantCulture, $"{(FitsInside ? Fit : "")}{Width}x{Height}{unit}{resolution}");
    }

    /// <summary>The size in pixels for a photo: paper is turned as the photo is, a screen is not.</summary>
    internal (double Height, double Width) PixelsFor(Size photo)
    {
        var perUnit = Unit switch
        {
            SizeUnit.Centimeters => DotsPerInch / CentimetersPerInch,
            SizeUnit.Inches => DotsPerInch,
            _ => 1,
        };
        var isTurned = Unit != SizeUnit.Pixels && photo.Height > photo.Width != Height > Width && photo.Height != photo.Width;
        return isTurned ? (Width * perUnit, Height * perUnit) : (Height * perUnit, Width * perUnit);
    }

    private static double? Length(string text, SizeUnit unit) =>
        unit == SizeUnit.Pixels ? NumberText.Parse<int>(text) : NumberText.Parse<double>(text);

    private static double? Resolution(string text) =>
        text.EndsWith(PerInch, StringComparison.Ordinal) ? NumberText.Parse<double>(text[..^PerInch.Length]) : null;
}
