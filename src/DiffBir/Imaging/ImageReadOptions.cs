namespace DiffBir.Imaging;

/// <summary>Bounds on what is read, and where it goes.</summary>
public sealed record ImageReadOptions
{
    /// <summary>The defaults.</summary>
    public static ImageReadOptions Default { get; } = new();

    /// <summary>The most pixels that are decoded; a file that declares more is refused before its pixels are touched. 268 megapixels unless set.</summary>
    public long MaxPixels { get; init; } = 16_384L * 16_384L;

    /// <summary>Where the planes go.</summary>
    public PlanarStorage Storage { get; init; } = PlanarStorage.Memory;
}

/// <summary>What an image file's header says.</summary>
/// <param name="Format">The format, by the file's content.</param>
/// <param name="Width">Columns, after the orientation is applied.</param>
/// <param name="Height">Rows, after the orientation is applied.</param>
/// <param name="Depth">Bits of a value.</param>
/// <param name="HasAlpha">Whether the file has a channel for transparency.</param>
public readonly record struct ImageInfo(ImageFormat Format, int Width, int Height, BitDepth Depth, bool HasAlpha);
