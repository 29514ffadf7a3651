namespace DiffBir.Imaging;

/// <summary>How an image file is written.</summary>
/// <param name="Format">The format.</param>
public sealed record ImageEncoding(ImageFormat Format)
{
    /// <summary>
    /// The quality of JPEG and WebP, 1 … 100; WebP is lossless at 100. PNG is always lossless, and so is TIFF, except for a photo from a
    /// TIFF file that was compressed as JPEG (<see cref="Photo.TiffCompression"/>).
    /// </summary>
    public int Quality { get; init; } = 95;

    /// <summary>The bits of a value; null keeps the photo's where the format can, else 8.</summary>
    public BitDepth? Depth { get; init; }

    /// <summary>How 8-bit values are rounded; 16-bit values are always rounded to the nearest step.</summary>
    public Rounding Rounding { get; init; } = Rounding.Truncate;

    /// <summary>The bits that a photo is written with.</summary>
    internal BitDepth DepthOf(Photo photo) => Format.SupportsSixteenBits() ? Depth ?? photo.Depth : BitDepth.Eight;

    /// <summary>Throws unless a photo can be written so: asked before the work that makes it.</summary>
    /// <param name="height">Its rows.</param>
    /// <param name="width">Its columns.</param>
    /// <param name="isTransparent">Whether it has transparency.</param>
    /// <param name="name">What messages call it.</param>
    /// <exception cref="ImageException">The format cannot hold it, or the settings contradict each other.</exception>
    public void Validate(int height, int width, bool isTransparent, string name)
    {
        if (!Format.IsWritten())
        {
            throw new ImageException(
                $"{name}: {Format.Name()} files are read but not written; write {ImageFormats.WrittenNames}."
            );
        }

        if (Quality is < 1 or > 100)
        {
            throw new ImageException($"The quality {Quality} is not in 1 … 100.");
        }

        if (Depth == BitDepth.Sixteen && !Format.SupportsSixteenBits())
        {
            throw new ImageException($"{name}: {Format.Name()} has 8 bits only; write PNG or TIFF for 16.");
        }

        if (isTransparent && !Format.SupportsAlpha())
        {
            throw new ImageException(
                $"{name}: the image is transparent in places, which {Format.Name()} cannot hold; write PNG, WebP or TIFF."
            );
        }

        if (Math.Max(width, height) > Format.MaxSide())
        {
            throw new ImageException(
                $"{name}: {width}×{height} is too large for {Format.Name()}, "
                    + $"which has at most {Format.MaxSide():N0} pixels on a side; write PNG or TIFF."
            );
        }
    }

    /// <summary>Throws unless the photo can be written so.</summary>
    internal void Validate(Photo photo, string name) => Validate(photo.Height, photo.Width, photo.Alpha is not null, name);
}
