namespace DiffBir.Imaging;

/// <summary>The file formats that are read; the first four are written too.</summary>
public enum ImageFormat
{
    /// <summary>Portable Network Graphics: lossless, 8 or 16 bits, transparency.</summary>
    Png,

    /// <summary>JPEG: lossy, 8 bits, no transparency.</summary>
    [OptionWord("jpg")]
    Jpeg,

    /// <summary>WebP: lossy or lossless, 8 bits, transparency, at most 16,383 pixels on a side.</summary>
    WebP,

    /// <summary>TIFF: lossless, 8 or 16 bits, transparency.</summary>
    Tiff,

    /// <summary>AVIF: read only; 8 to 12 bits, transparency.</summary>
    [NoOptionChoice]
    Avif,

    /// <summary>GIF: read only; 256 colors, transparency.</summary>
    [NoOptionChoice]
    Gif,
}

/// <summary>The bits of one value of a pixel in a file.</summary>
public enum BitDepth
{
    /// <summary>256 steps.</summary>
    Eight = 8,

    /// <summary>65,536 steps.</summary>
    Sixteen = 16,
}

/// <summary>What each format is called and what it can hold.</summary>
public static class ImageFormats
{
    /// <summary>The names of the formats that are read, for messages.</summary>
    public const string Names = "PNG, JPEG, WebP, TIFF, AVIF or GIF";

    /// <summary>The names of the formats that are written, for messages.</summary>
    public const string WrittenNames = "PNG, JPEG, WebP or TIFF";

    /// <summary>The bytes that <see cref="Recognize"/> needs.</summary>
    public const int SignatureLength = 32; // the first brands of an AVIF file

    /// <summary>What the pictures are called of which a file may have several.</summary>
    internal static string PartsName(this ImageFormat format) =>
        format switch
        {
            ImageFormat.Tiff => "pages",
            ImageFormat.Avif => "pictures",
            _ => "frames",
        };

    /// <summary>The name that people know.</summary>
    public static string Name(this ImageFormat format) =>
        format switch
        {
            ImageFormat.Png => "PNG",
            ImageFormat.Jpeg => "JPEG",
            ImageFormat.WebP => "WebP",
            ImageFormat.Avif => "AVIF",
            ImageFormat.Gif => "GIF",
            _ => "TIFF",
        };

    /// <summary>The usual file extension, with its dot.</summary>
    public static string Extension(this ImageFormat format) =>
        format switch
        {
            ImageFormat.Png => ".png",
            ImageFormat.Jpeg => ".jpg",
            ImageFormat.WebP => ".webp",
            ImageFormat.Avif => ".avif",
            ImageFormat.Gif => ".gif",
            _ => ".tif",
        };

    /// <summary>What browsers and mail programs call it.</summary>
    public static string MediaType(this ImageFormat format) =>
        format switch
        {
            ImageFormat.Png => "image/png",
            ImageFormat.Jpeg => "image/jpeg",
            ImageFormat.WebP => "image/webp",
            ImageFormat.Avif => "image/avif",
            ImageFormat.Gif => "image/gif",
            _ => "image/tiff",
        };

    /// <summary>Whether files of the format are written.</summary>
    public static bool IsWritten(this ImageFormat format) => format is not (ImageFormat.Avif or ImageFormat.Gif);

    /// <summary>The format in which the result of a photo is written unless another is asked for: its own, else PNG.</summary>
    public static ImageFormat OfResult(this ImageFormat format) => format.IsWritten() ? format : ImageFormat.Png;

    /// <summary>The format that a result's name asks for, upper or lower case; null where none that is written is named so.</summary>
    public static ImageFormat? FromOutputName(string path) =>
        FromExtension(path) is { } format && format.IsWritten() ? format : null;

    /// <summary>The format that a file name tells, upper or lower case; null where the extension is none of ours.</summary>
    public static ImageFormat? FromExtension(string path) =>
        Path.GetExtension(path).ToUpperInvariant() switch
        {
            ".PNG" => ImageFormat.Png,
            ".JPG" or ".JPEG" or ".JPE" or ".JFIF" => ImageFormat.Jpeg,
            ".WEBP" => ImageFormat.WebP,
            ".TIF" or ".TIFF" => ImageFormat.Tiff,
            ".AVIF" => ImageFormat.Avif,
            ".GIF" => ImageFormat.Gif,
            _ => null,
        };

    /// <summary>Whether 16 bits fit.</summary>
    public static bool SupportsSixteenBits(this ImageFormat format) => format is ImageFormat.Png or ImageFormat.Tiff;

    /// <summary>Whether transparency fits.</summary>
    public static bool SupportsAlpha(this ImageFormat format) => format != ImageFormat.Jpeg;

    /// <summary>Whether one channel of gray fits; else gray becomes three equal channels.</summary>
    public static bool SupportsGray(this ImageFormat format) => format != ImageFormat.WebP;

    /// <summary>The longest side that fits.</summary>
    public static int MaxSide(this ImageFormat format) =>
        format switch
        {
            ImageFormat.Jpeg => 65_500, // libjpeg's JPEG_MAX_DIMENSION
            ImageFormat.WebP => 16_383, // libwebp's WEBP_MAX_DIMENSION
            _ => int.MaxValue,
        };

    /// <summary>The format whose signature a file starts with; null where it is none of ours.</summary>
    public static ImageFormat? Recognize(ReadOnlySpan<byte> start) =>
        start switch
        {
            [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A, ..] => ImageFormat.Png,
            [0xFF, 0xD8, 0xFF, ..] => ImageFormat.Jpeg,
            [(byte)'I', (byte)'I', 42 or 43, 0, ..] => ImageFormat.Tiff,
            [(byte)'M', (byte)'M', 0, 42 or 43, ..] => ImageFormat.Tiff,
            [(byte)'R', (byte)'I', (byte)'F', (byte)'F', _, _, _, _, .. var rest] when rest.StartsWith("WEBP"u8) =>
                ImageFormat.WebP,
            _ when start.StartsWith("GIF87a"u8) || start.StartsWith("GIF89a"u8) => ImageFormat.Gif,
            [_, _, _, _, .. var box] when IsAvif(box) => ImageFormat.Avif,
            _ => null,
        };

    /// <summary>Whether a box of the ISO base media format names AVIF first, or among the others of a general kind.</summary>
    /// <param name="box">From its type on.</param>
    private static bool IsAvif(ReadOnlySpan<byte> box)
    {
        const int brandLength = 4;
        const int compatible = 12; // behind the type, the first brand and its version
        if (box.StartsWith("ftypavif"u8) || box.StartsWith("ftypavis"u8))
        {
            return true;
        }

        if (!box.StartsWith("ftypmif1"u8))
        {
            return false;
        }

        for (var place = compatible; place + brandLength <= box.Length; place += brandLength)
        {
            if (box.Slice(place, brandLength).SequenceEqual("avif"u8))
            {
                return true;
            }
        }

        return false;
    }
}

/// <summary>How an image file says color.</summary>
public enum ColorModel
{
    /// <summary>Three channels: red, green, blue.</summary>
    Rgb,

    /// <summary>One channel.</summary>
    Gray,
}

/// <summary>How the pixels of a TIFF file are compressed: the ways that are written. All but JPEG are lossless.</summary>
public enum TiffCompression
{
    /// <summary>Not at all.</summary>
    None,

    /// <summary>Lempel, Ziv and Welch's.</summary>
    Lzw,

    /// <summary>That of zip and PNG.</summary>
    Deflate,

    /// <summary>Runs of equal bytes.</summary>
    PackBits,

    /// <summary>JPEG inside of TIFF: lossy, 8 bits, no transparency.</summary>
    Jpeg,
}
