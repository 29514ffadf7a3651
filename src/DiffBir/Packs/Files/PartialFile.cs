using System.Security.Cryptography;
using System.Text.Json;

namespace DiffBir.Packs.Files;

/// <summary>The beginning of a file that is being downloaded, beside where the whole file will be.</summary>
/// <remarks>What is known of its origin lies in a second file, so that a later program can go on.</remarks>
internal sealed class PartialFile : IDisposable
{
    private const int BlockBytes = 1 << 20;
    private const long MaxOriginBytes = 16 << 10;

    private readonly FileStream _stream;
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    private PartialFile(FileStream stream) => (_stream, Path) = (stream, stream.Name);

    /// <summary>Where it lies.</summary>
    public string Path { get; }

    /// <summary>The bytes that are here.</summary>
    public long Length => _stream.Length;

    /// <summary>Where they came from; null where that is not known.</summary>
    public PartialOrigin? Origin { get; private set; }

    private string OriginPath => OriginOf(Path);

    /// <summary>Opens what an earlier attempt left, or begins anew; other programs are kept out.</summary>
    /// <exception cref="PackException">Another program downloads the same file, or the folder is closed to us.</exception>
    public static async Task<PartialFile> OpenAsync(string target, CancellationToken cancellation)
    {
        var path = PathFor(target);
        PartialFile? file = null;
        try
        {
            file = new PartialFile(new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
            file.Origin = file.ReadOrigin();
            await file.HashWhatIsThereAsync(cancellation);
            return file;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            file?.Dispose();
            throw new PackException(
                $"{path} cannot be written: {exception.Message} If another program is downloading this file, wait for it.",
                exception
            );
        }
        catch
        {
            file?.Dispose();
            throw;
        }
    }

    /// <summary>Forgets the bytes and begins anew.</summary>
    public void Restart(PartialOrigin? origin)
    {
        _stream.SetLength(0);
        _hash.GetHashAndReset();
        Origin = origin;
        if (origin is null)
        {
            File.Delete(OriginPath);
        }
        else
        {
            File.WriteAllText(OriginPath, JsonSerializer.Serialize(origin));
        }
    }

    /// <summary>Adds bytes at the end.</summary>
    /// <exception cref="PackException">The disk is full, or the like.</exception>
    public async ValueTask AppendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        try
        {
            await _stream.WriteAsync(bytes, cancellation);
            _hash.AppendData(bytes.Span);
        }
        catch (IOException exception)
        {
            throw new PackException($"{Path} cannot be written: {exception.Message}", exception);
        }
    }

    /// <summary>The SHA-256 of the bytes that are here, which are on the disk after this.</summary>
    public string Seal()
    {
        _stream.Flush(flushToDisk: true);
        return Convert.ToHexStringLower(_hash.GetCurrentHash());
    }

    /// <summary>Where the beginning of a file is kept.</summary>
    public static string PathFor(string target) => target + ".partial";

    /// <summary>Gives a whole file its real name.</summary>
    public static void Finish(string target)
    {
        File.Move(PathFor(target), target, overwrite: true);
        File.Delete(OriginOf(PathFor(target)));
    }

    /// <summary>Removes what is here.</summary>
    public static void Delete(string target)
    {
        File.Delete(PathFor(target));
        File.Delete(OriginOf(PathFor(target)));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _stream.Dispose();
        _hash.Dispose();
    }

    private static string OriginOf(string path) => path + ".json";

    private PartialOrigin? ReadOrigin()
    {
        try
        {
            return new FileInfo(OriginPath) is { Exists: true, Length: < MaxOriginBytes }
                ? JsonSerializer.Deserialize<PartialOrigin>(File.ReadAllText(OriginPath))
                : null;
        }
        catch (JsonException)
        {
            return null; // A power cut may leave anything; then the bytes are of unknown origin.
        }
    }

    private async Task HashWhatIsThereAsync(CancellationToken cancellation)
    {
        var block = new byte[BlockBytes];
        int count;
        while ((count = await _stream.ReadAsync(block, cancellation)) > 0)
        {
            _hash.AppendData(block, 0, count);
        }
    }
}

/// <summary>Where a part of a file came from.</summary>
/// <param name="Source">The address.</param>
/// <param name="ETag">The server's name of this version of the file; null where it gives none.</param>
/// <param name="Total">The size of the whole file; null where the server did not say.</param>
internal sealed record PartialOrigin(Uri? Source, string? ETag, long? Total);
