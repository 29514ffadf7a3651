namespace DiffBir.Imaging;

/// <summary>How an image file is written.</summary>
/// <param name="Format">The format.</param>
public sealed record ImageEncoding(ImageFormat Format)
{
    /// <summary>The quality of JPEG and WebP, 1 … 100; WebP is lossless at 100. PNG and TIFF are always lossless.</summary>
    public int Quality { get; init; } = 95;

    /// <summary>The bits of a value; null keeps the photo's where the format can, else 8.</summary>
    public BitDepth? Depth { get; init; }

    /// <summary>How 8-bit values are rounded; 16-bit values are always rounded to the nearest step.</summary>
    public Rounding Rounding { get; init; } = Rounding.Truncate;

    /// <summary>The bits that a photo is written with.</summary>
    internal BitDepth DepthOf(Photo photo) =>
        Format.HoldsSixteenBits() ? Depth ?? photo.Depth : BitDepth.Eight;

    /// <summary>Throws unless the photo can be written so.</summary>
    internal void Require(Photo photo, string name)
    {
        if (Quality is < 1 or > 100)
        {
            throw new ImageException($"The quality {Quality} is not in 1 … 100.");
        }

        if (Depth == BitDepth.Sixteen && !Format.HoldsSixteenBits())
        {
            throw new ImageException(
                $"{name}: {Format.Name()} has 8 bits only; write PNG or TIFF for 16."
            );
        }

        if (photo.Alpha is not null && !Format.HoldsAlpha())
        {
            throw new ImageException(
                $"{name}: the image is transparent in places, which {Format.Name()} cannot hold; write PNG, WebP or TIFF."
            );
        }

        if (Math.Max(photo.Width, photo.Height) > Format.MaxSide())
        {
            throw new ImageException(
                $"{name}: {photo.Width}×{photo.Height} is too large for {Format.Name()}, "
                    + $"which has at most {Format.MaxSide():N0} pixels on a side; write PNG or TIFF."
            );
        }
    }
}
