using DiffBir.Primitives;

namespace DiffBir.Imaging.Layouts;

/// <summary>How a file holds its pixels: what of them must be in memory together while they are decoded, and how few bytes can hold them.</summary>
/// <remarks>
/// Most files are decoded a few rows at a time. Some are not: their first row is complete only when all of the file was read.
/// libvips and the codecs below it have no limit for that, so it is computed from the header before they begin.
/// </remarks>
internal abstract record PixelLayout
{
    /// <summary>What the file is called where it is decoded as a whole.</summary>
    public abstract string Kind { get; }

    /// <summary>How the picture is saved so that it can be decoded a few rows at a time.</summary>
    public abstract string Remedy { get; }

    /// <summary>Whether libvips must be told to read larger parts than it would on its own.</summary>
    public virtual bool HasLargeParts => false;

    /// <summary>The bytes that are in memory together at the latest when the header is read.</summary>
    public virtual long HeaderBytes => 0;

    /// <summary>Reads the layout of a file; for a damaged header the one that needs most, and libvips says what is wrong with it.</summary>
    /// <param name="file">The file; its position is moved.</param>
    /// <param name="format">Its format.</param>
    /// <param name="page">The page of a TIFF file, from 1.</param>
    public static PixelLayout Of(Stream file, ImageFormat format, int page) =>
        format switch
        {
            ImageFormat.Png => PngLayout.Read(file),
            ImageFormat.Jpeg => JpegLayout.Read(file),
            ImageFormat.WebP => WebPLayout.Read(file),
            ImageFormat.Avif or ImageFormat.Gif => FrameLayout.Read(file, format),
            _ => TiffLayout.Read(file, page),
        };

    /// <summary>The most bytes that decoding holds at once, beside a few rows; 0 where a few rows are all.</summary>
    /// <param name="picture">What libvips makes of the file.</param>
    public abstract long BytesAtOnce(DecodedSize picture);

    /// <summary>The fewest bytes in which a whole file can hold a picture; 0 where there is no bound.</summary>
    /// <param name="picture">What libvips makes of the file.</param>
    public virtual long MinFileBytes(DecodedSize picture) => 0;

    /// <summary>Throws where opening the file would take too much memory.</summary>
    /// <param name="name">The file, for messages.</param>
    /// <param name="maxMemory">What the process may use; null: what the machine has free.</param>
    /// <exception cref="ImageException">It would.</exception>
    public void ValidateHeader(string name, long? maxMemory) =>
        ValidateMemory(HeaderBytes, $"{name} is {Kind} of which much is read at once: it", maxMemory);

    /// <summary>Throws where the picture cannot be in the file, or decoding it would take too much memory.</summary>
    /// <param name="name">The file, for messages.</param>
    /// <param name="picture">What libvips makes of the file.</param>
    /// <param name="fileBytes">The file's length.</param>
    /// <param name="maxMemory">What the process may use; null: what the machine has free.</param>
    /// <exception cref="ImageException">It cannot, or it would.</exception>
    public void Validate(string name, DecodedSize picture, long fileBytes, long? maxMemory)
    {
        if (fileBytes < MinFileBytes(picture))
        {
            throw new ImageException(
                $"{name} claims {picture.Width}×{picture.Height} pixels, which {fileBytes:N0} bytes cannot hold; "
                    + "it is incomplete or damaged. Take another copy of it."
            );
        }

        ValidateMemory(
            BytesAtOnce(picture),
            $"{name} is {Kind} of {picture.Width}×{picture.Height} pixels, which is not decoded row by row and",
            maxMemory
        );
    }

    private void ValidateMemory(long bytes, string what, long? maxMemory)
    {
        // The other half is for the program, the networks of the picture before, and the planes.
        const int share = 2;
        if (bytes <= (maxMemory ?? SystemMemory.Available()) / share)
        {
            return;
        }

        var most = maxMemory is { } limit
            ? $"the half of the {Megabytes(limit)} allowed. Allow {Megabytes(share * bytes)} (--max-memory)"
            : $"the half of the {Megabytes(SystemMemory.Available())} that are free. Close other programs";
        throw new ImageException($"{what} takes {Megabytes(bytes)} of memory, more than {most}, or {Remedy}.");
    }

    private static string Megabytes(long bytes) => $"{Math.Ceiling(bytes / 1e6):N0} MB";
}

/// <summary>A picture as libvips decodes it.</summary>
/// <param name="Width">Columns.</param>
/// <param name="Height">Rows.</param>
/// <param name="BytesPerPixel">Bands times bytes of a value.</param>
internal readonly record struct DecodedSize(int Width, int Height, int BytesPerPixel)
{
    /// <summary>Columns times rows.</summary>
    public long Pixels => (long)Width * Height;

    /// <summary>The bytes of all pixels.</summary>
    public long Bytes => Pixels * BytesPerPixel;
}
