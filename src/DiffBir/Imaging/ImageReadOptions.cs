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

    /// <summary>
    /// The bytes of memory that the process may use; null: what the machine has free. Files that are not decoded row by row
    /// (progressive JPEG, interlaced PNG, WebP, TIFF with large strips or tiles) may take half of it.
    /// </summary>
    public long? MaxMemory { get; init; }
}

/// <summary>What an image file's header says.</summary>
/// <param name="Format">The format, by the file's content.</param>
/// <param name="Width">Columns, after the orientation is applied.</param>
/// <param name="Height">Rows, after the orientation is applied.</param>
/// <param name="Depth">Bits of a value.</param>
/// <param name="HasAlpha">Whether the file has a channel for transparency.</param>
public readonly record struct ImageInfo(ImageFormat Format, int Width, int Height, BitDepth Depth, bool HasAlpha);
