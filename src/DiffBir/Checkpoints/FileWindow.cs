using Microsoft.Win32.SafeHandles;

namespace DiffBir.Checkpoints;

/// <summary>Positioned reads from an open file; a read beyond its end is a malformed file, not a short answer.</summary>
internal sealed class FileWindow : IDisposable
{
    private readonly SafeFileHandle _handle;

    private FileWindow(string path, SafeFileHandle handle)
    {
        Path = path;
        _handle = handle;
        Length = RandomAccess.GetLength(handle);
    }

    /// <summary>The full path.</summary>
    public string Path { get; }

    public long Length { get; }

    public static FileWindow Open(string path)
    {
        try
        {
            var full = System.IO.Path.GetFullPath(path);
            if (Directory.Exists(full))
            {
                throw new CheckpointException($"Checkpoint '{path}' is a folder; give a file.");
            }

            // Pipes and devices, which might never end, have length 0 as well.
            if (new FileInfo(full).Length == 0)
            {
                throw new CheckpointException($"Checkpoint '{path}' is empty; download it again.");
            }

            return new FileWindow(full, File.OpenHandle(full, options: FileOptions.RandomAccess));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new CheckpointException($"Checkpoint '{path}' does not exist; check the path.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new CheckpointException(
                $"Checkpoint '{path}' cannot be read ({e.Message.TrimEnd('.')}); give a file you may read.",
                e
            );
        }
    }

    /// <summary>Fills the buffer from a position.</summary>
    public void Read(long offset, Span<byte> buffer)
    {
        if (offset < 0 || offset > Length - buffer.Length)
        {
            throw new MalformedException(
                $"{buffer.Length} bytes at {offset} lie beyond its end at {Length}; it is cut off, so download it again"
            );
        }

        while (buffer.Length > 0)
        {
            var read = RandomAccess.Read(_handle, buffer, offset);
            if (read == 0)
            {
                throw new MalformedException("it became shorter while it was read; wait until it is fully written");
            }

            buffer = buffer[read..];
            offset += read;
        }
    }

    public void Dispose() => _handle.Dispose();
}
