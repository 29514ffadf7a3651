namespace DiffBir.Imaging;

/// <summary>The file formats that are read and written.</summary>
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
    /// <summary>The formats' names, for messages.</summary>
    public const string Names = "PNG, JPEG, WebP or TIFF";

    /// <summary>The bytes that <see cref="Recognize"/> needs.</summary>
    public const int SignatureLength = 12;

    /// <summary>The name that people know.</summary>
    public static string Name(this ImageFormat format) =>
        format switch
        {
            ImageFormat.Png => "PNG",
            ImageFormat.Jpeg => "JPEG",
            ImageFormat.WebP => "WebP",
            _ => "TIFF",
        };

    /// <summary>The usual file extension, with its dot.</summary>
    public static string Extension(this ImageFormat format) =>
        format switch
        {
            ImageFormat.Png => ".png",
            ImageFormat.Jpeg => ".jpg",
            ImageFormat.WebP => ".webp",
            _ => ".tif",
        };

    /// <summary>What browsers and mail programs call it.</summary>
    public static string MediaType(this ImageFormat format) =>
        format switch
        {
            ImageFormat.Png => "image/png",
            ImageFormat.Jpeg => "image/jpeg",
            ImageFormat.WebP => "image/webp",
            _ => "image/tiff",
        };

    /// <summary>The format that a file name asks for, upper or lower case; null where the extension is none of ours.</summary>
    public static ImageFormat? FromExtension(string path) =>
        Path.GetExtension(path).ToUpperInvariant() switch
        {
            ".PNG" => ImageFormat.Png,
            ".JPG" or ".JPEG" or ".JPE" or ".JFIF" => ImageFormat.Jpeg,
            ".WEBP" => ImageFormat.WebP,
            ".TIF" or ".TIFF" => ImageFormat.Tiff,
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
            _ => null,
        };
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
