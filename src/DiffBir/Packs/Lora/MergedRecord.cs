using System.Text.Json;
using DiffBir.Checkpoints;
using DiffBir.Files;
using DiffBir.Imaging;

namespace DiffBir.Packs.Lora;

/// <summary>What merged weights were made of, beside their file: so that they are found again, and damage is noticed.</summary>
/// <param name="Recipe">How they were made, in words that change with every number that changes the result.</param>
/// <param name="Sources">The files that they were made of.</param>
/// <param name="Xxh128OfParts">Of the merged file (<see cref="FileHash.Xxh128OfParts"/>).</param>
internal sealed record MergedRecord(string Recipe, IReadOnlyList<MergedFrom> Sources, string Xxh128OfParts)
{
    private const long MaxBytes = 1 << 20;

    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <summary>Reads the record beside a merged file; null where there is none that can be used.</summary>
    public static MergedRecord? Read(string path)
    {
        try
        {
            using var stream = RegularFile.OpenRead(path);
            var record = stream.Length <= MaxBytes ? JsonSerializer.Deserialize<MergedRecord>(stream, Format) : null;
            return
                record is { Recipe: not null, Sources: not null, Xxh128OfParts: not null }
                && record.Sources.All(from => from is not null)
                ? record
                : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }

    /// <summary>Writes the record; it is whole or not there.</summary>
    public void Write(string path) => AtomicFile.Write(path, stream => JsonSerializer.Serialize(stream, this, Format));
}

/// <summary>A file that weights were made of.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Size">In bytes.</param>
/// <param name="Modified">When it was last written, in ticks of universal time: a file that still has this and its size is not read again.</param>
/// <param name="Sha256">Of its content.</param>
internal sealed record MergedFrom(string Name, long Size, long Modified, string Sha256)
{
    /// <summary>Describes a file, reading all of it.</summary>
    public static MergedFrom Of(string path, CancellationToken cancellation)
    {
        var info = Behind(path);
        return new(Path.GetFileName(path), info.Length, info.LastWriteTimeUtc.Ticks, FileHash.Sha256(path, cancellation));
    }

    /// <summary>Whether a file looks as it did then.</summary>
    public bool IsStill(string path)
    {
        var info = Behind(path);
        return info.Exists && (Path.GetFileName(path), info.Length, info.LastWriteTimeUtc.Ticks) == (Name, Size, Modified);
    }

    /// <summary>The file itself, where the path is a link to it.</summary>
    private static FileInfo Behind(string path) => new(File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path);
}
