using DiffBir.Imaging;

namespace DiffBir.Cli.Files;

/// <summary>Kinds of pictures that people have and that are not read. They are named: whoever restores a folder must not believe that all of it was restored.</summary>
internal static class UnreadImages
{
    private static readonly HashSet<string> s_extensions = new(
        [
            .. (string[])[".avif", ".bmp", ".dib", ".gif", ".heic", ".heif", ".hif", ".jxl", ".pcx", ".psd", ".tga"],
            .. (string[])[".j2c", ".j2k", ".jp2", ".jpf", ".jpm", ".jpx"], // JPEG 2000
            .. (string[])[".pbm", ".pgm", ".pnm", ".ppm"],
            .. (string[])[".arw", ".cr2", ".cr3", ".dng", ".nef", ".orf", ".raf", ".rw2"], // as cameras' sensors give them
        ],
        StringComparer.OrdinalIgnoreCase
    );

    /// <summary>Whether a file is such a picture, by its extension.</summary>
    public static bool Is(string path) => s_extensions.Contains(Path.GetExtension(path));

    /// <summary>What is said of such a file.</summary>
    public static string Problem(string path) =>
        $"{path} is not read: {ImageFormats.Names} files are, but no {Path.GetExtension(path)} files. Convert it to one of these.";
}
