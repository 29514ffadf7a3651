using System.Text.Json;
using DiffBir.Files;
using DiffBir.Imaging;

namespace DiffBir.Packs.Files;

/// <summary>What the files of a folder were when they first came: a file that nobody published a checksum of is at least always the same.</summary>
internal sealed class ChecksumFile(string folder)
{
    /// <summary>The file's name.</summary>
    public const string FileName = "checksums.json";

    private const long MaxBytes = 1 << 20;

    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    private string FilePath => Path.Combine(folder, FileName);

    /// <summary>What is recorded of a file; null where nothing is.</summary>
    /// <exception cref="PackException">The record cannot be read.</exception>
    public RecordedChecksum? Find(string name) => Read().GetValueOrDefault(name);

    /// <summary>Records a file, replacing an older record.</summary>
    /// <exception cref="PackException">The record cannot be read or written.</exception>
    public void Record(string name, RecordedChecksum checksum)
    {
        var all = Read();
        all[name] = checksum;
        try
        {
            AtomicFile.Write(FilePath, stream => JsonSerializer.Serialize(stream, all, Options));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new PackException($"{FilePath} cannot be written: {exception.Message}", exception);
        }
    }

    private SortedDictionary<string, RecordedChecksum> Read()
    {
        try
        {
            using var stream = RegularFile.OpenRead(FilePath);
            if (stream.Length > MaxBytes)
            {
                throw new JsonException($"it has {stream.Length:N0} bytes.");
            }

            var all = JsonSerializer.Deserialize<SortedDictionary<string, RecordedChecksum>>(stream, Options);
            return all is not null && all.Values.All(checksum => checksum?.Sha256 is not null)
                ? all
                : throw new JsonException("a checksum is missing.");
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return [];
        }
        catch (Exception exception) when (exception is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new PackException(
                $"{FilePath} cannot be read: {exception.Message} Repair it, or delete it to trust the files as they are now.",
                exception
            );
        }
    }
}

/// <summary>What a file was when it first came.</summary>
/// <param name="Sha256">In lower-case hexadecimal digits.</param>
/// <param name="Size">In bytes.</param>
/// <param name="Source">The address or the folder that it came from; null where it was found in its place.</param>
internal sealed record RecordedChecksum(string Sha256, long Size, string? Source);
