using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace DiffBir.Imaging;

/// <summary>Decides where whole images lie: small ones in memory, large ones in scratch files that vanish with them.</summary>
/// <param name="maxBytesInMemory">An image of more bytes (4 for each value) goes to a file.</param>
/// <param name="folder">Where scratch files are made; the system's folder for temporary files if null.</param>
/// <remarks>
/// Scratch files are read and written with plain file calls, not mapped: a full disk is then an error instead of a crash of the
/// process, and the pages in the system's cache do not count as the process's memory.
/// </remarks>
public sealed class PlanarStorage(long maxBytesInMemory = long.MaxValue, string? folder = null)
{
    private readonly Lazy<string> _folder = new(() =>
    {
        var path = folder ?? Path.GetTempPath();
        ScratchFile.ClearUp(path);
        return path;
    });

    private int _scratchImages;

    /// <summary>Keeps every image in memory.</summary>
    public static PlanarStorage Memory { get; } = new();

    /// <summary>The images in scratch files that are not disposed.</summary>
    internal int ScratchImages => _scratchImages;

    /// <summary>The bytes that scratch files may still take; 0 where their folder lies in memory.</summary>
    internal long FreeBytes
    {
        get
        {
            var drive = new DriveInfo(Path.GetFullPath(folder ?? Path.GetTempPath()));
            return drive.DriveFormat is "tmpfs" or "ramfs" ? 0 : drive.AvailableFreeSpace;
        }
    }

    /// <summary>A new image of zeros.</summary>
    /// <param name="planes">Channels.</param>
    /// <param name="height">Rows.</param>
    /// <param name="width">Columns.</param>
    /// <exception cref="ShapeException">The image is too large for memory and must not go to a file.</exception>
    /// <exception cref="ImageException">The scratch file cannot be made; the message says where and how large.</exception>
    public PlanarImage Create(int planes, int height, int width)
    {
        var bytes = (long)planes * height * width * sizeof(float);
        return bytes <= maxBytesInMemory
            ? PlanarImage.Of(new Tensor(1, planes, height, width))
            : new ScratchImage(this, planes, height, width);
    }

    /// <summary>A new image, which is disposed if it cannot be filled.</summary>
    /// <param name="planes">Channels.</param>
    /// <param name="height">Rows.</param>
    /// <param name="width">Columns.</param>
    /// <param name="fill">Gives it its values.</param>
    internal PlanarImage Create(int planes, int height, int width, Action<PlanarImage> fill)
    {
        var image = Create(planes, height, width);
        try
        {
            fill(image);
            return image;
        }
        catch
        {
            image.Dispose();
            throw;
        }
    }

    /// <summary>A copy of an image.</summary>
    /// <param name="image">The image; it stays its owner's.</param>
    /// <exception cref="ImageException">The scratch file cannot be made; the message says where and how large.</exception>
    internal PlanarImage Copy(PlanarImage image) => Create(image.Planes, image.Height, image.Width, copy => image.CopyRows(copy));

    /// <summary>Keeps an image: as it is where it may lie in memory, else as a copy.</summary>
    /// <param name="image">[1,planes,H,W]; left to the storage.</param>
    /// <exception cref="ImageException">The scratch file cannot be made; the message says where and how large.</exception>
    public PlanarImage Store(Tensor image)
    {
        if ((long)image.Length * sizeof(float) <= maxBytesInMemory)
        {
            return PlanarImage.Of(image);
        }

        return Create(image.Size(1), image.Size(2), image.Size(3), stored => stored.WriteBox(0, 0, image));
    }

    private sealed class ScratchImage : PlanarImage
    {
        private readonly PlanarStorage _storage;
        private readonly SafeFileHandle _file;
        private int _isDisposed;

        public ScratchImage(PlanarStorage storage, int planes, int height, int width)
            : base(planes, height, width)
        {
            _storage = storage;
            var folder = storage._folder.Value;
            var bytes = (long)planes * height * width * sizeof(float);
            try
            {
                // Reserving the whole size shows at once whether the disk has the room.
                _file = ScratchFile.Create(folder, bytes);
                RandomAccess.SetLength(_file, bytes);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                _file?.Dispose();
                throw new ImageException(
                    $"A scratch file of {bytes / 1_000_000:N0} MB could not be made in {folder}: {error.Message} "
                        + "Free some room there, or choose another folder for temporary files.",
                    error
                );
            }

            Interlocked.Increment(ref storage._scratchImages);
        }

        protected override void Dispose(bool disposing)
        {
            if (Interlocked.Exchange(ref _isDisposed, 1) == 0)
            {
                Interlocked.Decrement(ref _storage._scratchImages);
                _file.Dispose();
            }

            base.Dispose(disposing);
        }

        private protected override void ReadAt(long position, Span<float> values)
        {
            var bytes = MemoryMarshal.AsBytes(values);
            var offset = position * sizeof(float);
            while (!bytes.IsEmpty)
            {
                var count = RandomAccess.Read(_file, bytes, offset);
                if (count == 0)
                {
                    throw new ImageException("A scratch file was cut short by another program; run again.");
                }

                bytes = bytes[count..];
                offset += count;
            }
        }

        private protected override void WriteAt(long position, ReadOnlySpan<float> values)
        {
            try
            {
                RandomAccess.Write(_file, MemoryMarshal.AsBytes(values), position * sizeof(float));
            }
            catch (IOException error)
            {
                throw new ImageException(
                    $"A scratch file could not be written: {error.Message} Free some room there, or choose another folder for temporary files.",
                    error
                );
            }
        }
    }
}
