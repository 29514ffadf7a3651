namespace DiffBir.Imaging;

/// <summary>A kind of picture that people have and that is not read: who has one is told what to do with it.</summary>
/// <param name="Name">What people call it.</param>
/// <param name="Remedy">What to do, in a sentence.</param>
/// <param name="Extensions">How its files' names end.</param>
internal sealed record UnreadFormat(string Name, string Remedy, params IReadOnlyList<string> Extensions)
{
    private static readonly UnreadFormat Heic = new(
        "HEIC",
        "Export it as JPEG (an iPhone sends JPEG after Settings, Camera, Formats, Most Compatible), or convert it: heif-convert photo.heic photo.jpg.",
        ".heic",
        ".heif",
        ".hif"
    );

    private static readonly UnreadFormat Bmp = new("BMP", "Save it as PNG, which loses nothing.", ".bmp", ".dib");

    private static readonly UnreadFormat Jpeg2000 = new(
        "JPEG 2000",
        "Convert it to PNG or TIFF: opj_decompress -i photo.jp2 -o photo.png.",
        ".jp2",
        ".j2c",
        ".j2k",
        ".jpf",
        ".jpm",
        ".jpx"
    );

    private static readonly UnreadFormat JpegXl = new("JPEG XL", "Convert it to PNG: djxl photo.jxl photo.png.", ".jxl");

    private static readonly UnreadFormat PhotoshopFormat = new("Photoshop", "Save a copy of it as PNG or TIFF.", ".psd");

    private static readonly UnreadFormat Raw = new(
        "camera raw",
        "Develop it, and save the result as TIFF or JPEG.",
        ".arw",
        ".cr2",
        ".cr3",
        ".dng",
        ".nef",
        ".orf",
        ".raf",
        ".rw2"
    );

    private static readonly UnreadFormat Plain = new(
        "plain bitmap",
        "Save it as PNG, which loses nothing.",
        ".pbm",
        ".pgm",
        ".pnm",
        ".ppm",
        ".pcx",
        ".tga"
    );

    private static readonly UnreadFormat[] All = [Heic, Bmp, Jpeg2000, JpegXl, PhotoshopFormat, Raw, Plain];

    /// <summary>The kind of a file by its name; null where it is none of these.</summary>
    public static UnreadFormat? FromExtension(string path) =>
        Array.Find(All, format => format.Extensions.Contains(Path.GetExtension(path), StringComparer.OrdinalIgnoreCase));

    /// <summary>The kind whose signature a file starts with; null where it is none of these.</summary>
    /// <param name="start">Its first bytes, <see cref="ImageFormats.SignatureLength"/> of them.</param>
    public static UnreadFormat? Recognize(ReadOnlySpan<byte> start) =>
        start switch
        {
            [_, _, _, _, .. var box] when box.StartsWith("ftyphe"u8) || box.StartsWith("ftypmif1"u8) => Heic,
            [0xFF, 0x4F, 0xFF, 0x51, ..] => Jpeg2000,
            [0, 0, 0, 12, .. var box] when box.StartsWith("jP  "u8) => Jpeg2000,
            [0, 0, 0, 12, .. var box] when box.StartsWith("JXL "u8) => JpegXl,
            [0xFF, 0x0A, ..] => JpegXl,
            _ when start.StartsWith("8BPS"u8) => PhotoshopFormat,
            _ when start.StartsWith("BM"u8) => Bmp,
            _ => null,
        };

    /// <summary>What is said of such a file: what it is, that it is not read, and what to do.</summary>
    public string Problem(string path) =>
        $"{path} is not read: its format is {Name}, and {ImageFormats.Names} files are taken. {Remedy}";
}
