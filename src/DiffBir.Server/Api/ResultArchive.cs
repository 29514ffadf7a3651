using System.IO.Compression;
using DiffBir.Server.Jobs;
using DiffBir.Server.Storage;

namespace DiffBir.Server.Api;

/// <summary>A result in an archive.</summary>
/// <param name="Name">Its name there; no other has it.</param>
/// <param name="Path">The file.</param>
/// <param name="Finished">When it was made.</param>
internal sealed record ArchivedResult(string Name, string Path, DateTimeOffset Finished);

/// <summary>Puts results into one file. They are images, which are as small as they get: they are stored, not compressed.</summary>
internal sealed class ResultArchive(JobBoard board, DataFolder folder)
{
    /// <summary>The most results of one archive.</summary>
    private const int MaxResults = 1000;

    /// <summary>The results that there are, in the order of their jobs.</summary>
    /// <param name="ids">What a client calls the jobs.</param>
    /// <exception cref="ApiException">These are too many.</exception>
    public IReadOnlyList<ArchivedResult> Find(IReadOnlyList<string> ids)
    {
        if (ids.Count > MaxResults)
        {
            throw new ApiException(
                new(
                    StatusCodes.Status400BadRequest,
                    ErrorCode.BadRequest,
                    $"{ids.Count} results are asked for; at most {MaxResults} go into one archive. Ask for several."
                )
            );
        }

        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var results = new List<ArchivedResult>();
        foreach (var text in ids.Distinct())
        {
            if (JobId.TryParse(text, out var id) && board.Find(id)?.Job is { Output: { } output } job)
            {
                results.Add(new(Unused(output.Name, names), folder.Result(id), job.Finished ?? job.Created));
            }
        }

        return results;
    }

    /// <summary>Writes an archive as it is read; a result that was deleted meanwhile is left out.</summary>
    public static async Task WriteAsync(IReadOnlyList<ArchivedResult> results, Stream stream, CancellationToken cancellation)
    {
        await using var archive = await ZipArchive.CreateAsync(
            stream,
            ZipArchiveMode.Create,
            leaveOpen: true,
            entryNameEncoding: null,
            cancellation
        );
        foreach (var result in results)
        {
            if (JobFile.Open(result.Path) is { } file)
            {
                await using (file)
                {
                    var entry = archive.CreateEntry(result.Name, CompressionLevel.NoCompression);
                    entry.LastWriteTime = result.Finished;
                    await using var content = await entry.OpenAsync(cancellation);
                    await file.CopyToAsync(content, cancellation);
                }
            }
        }
    }

    /// <summary>A name, with a number where another result has it.</summary>
    private static string Unused(string name, HashSet<string> taken)
    {
        var unused = name;
        for (var number = 2; !taken.Add(unused); number++)
        {
            unused = $"{Path.GetFileNameWithoutExtension(name)} ({number}){Path.GetExtension(name)}";
        }

        return unused;
    }
}
