using DiffBir.Files;

namespace DiffBir.Imaging;

/// <summary>Reads and writes image files. Reading trusts nothing in a file; writing leaves a whole file or none.</summary>
public static class ImageFile
{
    private const long MaxBufferedBytes = 1L << 30;

    /// <summary>Reads a file's header; the pixels are not decoded.</summary>
    /// <param name="path">The file.</param>
    /// <param name="page">The page or frame, from 1; null: the first, of AVIF the main one.</param>
    /// <exception cref="ImageException">The file is missing, is none of our formats, or is damaged.</exception>
    /// <exception cref="OptionException">It has no such page.</exception>
    public static ImageInfo Inspect(string path, int? page = null)
    {
        using var stream = Open(path);
        return Inspect(stream, path, page);
    }

    /// <summary>Reads an image's header; the pixels are not decoded.</summary>
    /// <param name="stream">Read from its start where it can be searched.</param>
    /// <param name="name">What messages call the image.</param>
    /// <param name="page">The page or frame, from 1; null: the first, of AVIF the main one.</param>
    /// <exception cref="ImageException">The stream holds none of our formats, or a damaged one.</exception>
    /// <exception cref="OptionException">It has no such page.</exception>
    public static ImageInfo Inspect(Stream stream, string name, int? page = null)
    {
        using var buffer = Searchable(stream, name);
        return WithImageErrors(
            name,
            () =>
            {
                using var decoder = ImageDecoder.Open(buffer ?? stream, name, new() { Page = page }, CancellationToken.None);
                return decoder.Info;
            }
        );
    }

    /// <summary>Reads a file: PNG, JPEG, WebP, TIFF, AVIF or GIF by its content, whatever its name.</summary>
    /// <remarks>
    /// The orientation is applied. RGB stays in the file's own color space, whose profile is kept; other colors become sRGB.
    /// Without a profile an 8-bit value k becomes exactly k / 255.
    /// </remarks>
    /// <param name="path">The file.</param>
    /// <param name="options">Bounds; the defaults if null.</param>
    /// <param name="cancellation">Stops reading.</param>
    /// <exception cref="ImageException">The file is missing, none of our formats, too large, damaged or incomplete.</exception>
    /// <exception cref="OptionException">It has no such page.</exception>
    public static Photo Read(string path, ImageReadOptions? options = null, CancellationToken cancellation = default)
    {
        using var stream = Open(path);
        return Read(stream, path, options, cancellation);
    }

    /// <summary>Reads an image from a stream.</summary>
    /// <inheritdoc cref="Read(string, ImageReadOptions?, CancellationToken)"/>
    /// <param name="stream">Read from its start where it can be searched; else held in memory, at most 1 GiB.</param>
    /// <param name="name">What messages call the image.</param>
    /// <param name="options">Bounds; the defaults if null.</param>
    /// <param name="cancellation">Stops reading.</param>
    public static Photo Read(
        Stream stream,
        string name,
        ImageReadOptions? options = null,
        CancellationToken cancellation = default
    )
    {
        using var buffer = Searchable(stream, name);
        return WithImageErrors(
            name,
            () =>
            {
                using var decoder = ImageDecoder.Open(buffer ?? stream, name, options ?? ImageReadOptions.Default, cancellation);
                return decoder.Decode(cancellation);
            }
        );
    }

    /// <summary>Writes a file: under a temporary name in the same folder first, then renamed. After a failure nothing is left.</summary>
    /// <param name="photo">The photo; values outside [0,1] are clamped.</param>
    /// <param name="path">The file; an older one is replaced. Its extension does not matter.</param>
    /// <param name="encoding">The format and its settings.</param>
    /// <param name="cancellation">Stops writing.</param>
    /// <exception cref="ImageException">The format cannot hold the photo, the folder is missing or closed to us, or the disk is full.</exception>
    public static void Write(Photo photo, string path, ImageEncoding encoding, CancellationToken cancellation = default)
    {
        encoding.Validate(photo, path);
        if (Directory.Exists(path))
        {
            throw new ImageException($"{path} could not be written: it is a folder. Name a file.");
        }

        WithImageErrors(
            path,
            () =>
            {
                AtomicFile.Write(path, stream => ImageEncoder.Encode(photo, stream, encoding, path, cancellation));
                return true;
            },
            "written"
        );
    }

    /// <summary>Writes an image to a stream, from its position on.</summary>
    /// <param name="photo">The photo; values outside [0,1] are clamped.</param>
    /// <param name="stream">Writable.</param>
    /// <param name="encoding">The format and its settings.</param>
    /// <param name="cancellation">Stops writing.</param>
    /// <exception cref="ImageException">The format cannot hold the photo, or the stream failed.</exception>
    public static void Write(Photo photo, Stream stream, ImageEncoding encoding, CancellationToken cancellation = default)
    {
        const string name = "The image";
        encoding.Validate(photo, name);
        WithImageErrors(
            name,
            () =>
            {
                if (encoding.Format != ImageFormat.Tiff)
                {
                    ImageEncoder.Encode(photo, stream, encoding, name, cancellation);
                    return true;
                }

                // A TIFF writer goes back and forth in its file.
                using var file = new FileStream(ScratchFile.Create(Path.GetTempPath()), FileAccess.ReadWrite);
                ImageEncoder.Encode(photo, file, encoding, name, cancellation);
                file.Position = 0;
                file.CopyTo(stream);
                return true;
            },
            "written"
        );
    }

    private static FileStream Open(string path)
    {
        if (Directory.Exists(path))
        {
            throw new ImageException($"{path} is a folder, not an image file.");
        }

        return WithImageErrors(path, () => RegularFile.OpenRead(path));
    }

    /// <summary>A copy in memory of a stream that cannot be searched; null for one that can.</summary>
    private static MemoryStream? Searchable(Stream stream, string name)
    {
        if (stream.CanSeek)
        {
            return null;
        }

        var buffer = new MemoryStream();
        var part = new byte[81_920];
        int count;
        while ((count = WithImageErrors(name, () => stream.Read(part))) > 0)
        {
            if (buffer.Length + count > MaxBufferedBytes)
            {
                throw new ImageException(
                    $"{name} is larger than {MaxBufferedBytes >> 20:N0} MiB, the most that is taken from a stream; read it from a file."
                );
            }

            buffer.Write(part, 0, count);
        }

        return buffer;
    }

    /// <summary>Says in one sentence what the operating system refused, and that memory did not suffice.</summary>
    private static T WithImageErrors<T>(string name, Func<T> act, string done = "read")
    {
        try
        {
            return act();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or OutOfMemoryException)
        {
            throw new ImageException($"{name} could not be {done}: {error.Message}", error);
        }
    }
}

/// <summary>Bounds on what is read, and where it goes.</summary>
public sealed record ImageReadOptions
{
    /// <summary>The defaults.</summary>
    public static ImageReadOptions Default { get; } = new();

    /// <summary>The most pixels that are decoded; a file that declares more is refused before its pixels are touched. 268 megapixels unless set.</summary>
    public long MaxPixels { get; init; } = 16_384L * 16_384L;

    /// <summary>The page of a TIFF, or the frame of a WebP or GIF, from 1; null: the first, of AVIF the main picture.</summary>
    public int? Page { get; init; }

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
public readonly record struct ImageInfo(ImageFormat Format, int Width, int Height, BitDepth Depth, bool HasAlpha)
{
    /// <summary>The pages of a TIFF, or the frames of a WebP or GIF; 1 for others.</summary>
    public int Pages { get; init; } = 1;
}

/// <summary>An image that cannot be read or written; the message names the file and the remedy.</summary>
/// <param name="message">What went wrong, what was given, what is allowed, and the remedy.</param>
/// <param name="innerException">The cause, if another exception led here.</param>
public sealed class ImageException(string message, Exception? innerException = null) : DiffBirException(message, innerException);
