using DiffBir.Imaging;

namespace DiffBir.Cli;

/// <summary>An input of a batch.</summary>
/// <param name="Path">Where it lies.</param>
/// <param name="Name">Its path inside the folder that was given, or its file name; with forward slashes.</param>
internal sealed record InputFile(string Path, string Name);

/// <summary>Finds the images of a batch.</summary>
internal static class InputFiles
{
    private static readonly EnumerationOptions Accessible = new(); // hidden and closed ones are left out

    /// <summary>Lists files as they are given, and the images inside folders in order of their names.</summary>
    /// <param name="inputs">Files and folders.</param>
    /// <param name="exclude">A folder whose content is not taken: the batch's own output.</param>
    /// <exception cref="UsageException">A folder holds no image.</exception>
    public static IReadOnlyList<InputFile> Collect(IEnumerable<string> inputs, string? exclude = null)
    {
        var files = new List<InputFile>();
        foreach (var input in inputs)
        {
            if (!Directory.Exists(input))
            {
                files.Add(new InputFile(input, Path.GetFileName(input)));
                continue;
            }

            var inside = Walk(input, exclude);
            if (inside.Count == 0)
            {
                throw new UsageException(
                    $"The folder {input} holds no images. {ImageFormats.Names} files are taken, by their extension."
                );
            }

            files.AddRange(inside);
        }

        return files;
    }

    private static List<InputFile> Walk(string folder, string? exclude)
    {
        var excluded = exclude is null ? null : WithSeparator(Path.GetFullPath(exclude));
        return
        [
            .. FilesBelow(folder, Path.GetFullPath(folder), [])
                .Where(path => ImageFormats.FromExtension(path) is not null)
                .Where(path =>
                    excluded is null
                    || !Path.GetFullPath(path).StartsWith(excluded, StringComparison.Ordinal)
                    || WithSeparator(Path.GetFullPath(folder)).StartsWith(excluded, StringComparison.Ordinal)
                )
                .Select(path => new InputFile(path, Path.GetRelativePath(folder, path).Replace('\\', '/')))
                .OrderBy(file => file.Name, StringComparer.Ordinal),
        ];
    }

    /// <summary>All files of a folder and of those inside it. A link to a folder that it lies in would lead round in a circle, and is not followed.</summary>
    /// <param name="folder">The folder as it was named.</param>
    /// <param name="place">Where it really lies.</param>
    /// <param name="above">Where the folders around it lie.</param>
    private static IEnumerable<string> FilesBelow(string folder, string place, string[] above)
    {
        place = TargetOf(place);
        if (above.Contains(place, StringComparer.Ordinal))
        {
            return [];
        }

        string[] around = [.. above, place];
        return Directory
            .EnumerateFiles(folder, "*", Accessible)
            .Concat(
                Directory
                    .EnumerateDirectories(folder, "*", Accessible)
                    .SelectMany(inner => FilesBelow(inner, Path.Combine(place, Path.GetFileName(inner)), around))
            );
    }

    /// <summary>Where a link leads; the path itself where it is none, or leads nowhere.</summary>
    private static string TargetOf(string path)
    {
        try
        {
            return Directory.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return path;
        }
    }

    private static string WithSeparator(string folder) =>
        Path.EndsInDirectorySeparator(folder) ? folder : folder + Path.DirectorySeparatorChar;
}
