using DiffBir.Imaging;

namespace DiffBir.Cli;

/// <summary>An input of a batch.</summary>
/// <param name="Path">Where it lies.</param>
/// <param name="Name">Its path inside the folder that was given, or its file name; with forward slashes.</param>
internal sealed record InputFile(string Path, string Name);

/// <summary>Finds the images of a batch.</summary>
internal static class InputFiles
{
    private const int DeepestFolder = 64; // ends the walk through links that form a circle

    /// <summary>Lists files as they are given, and the images inside folders in order of their names.</summary>
    /// <param name="inputs">Files and folders.</param>
    /// <param name="exclude">A folder whose content is not taken: the batch's own output.</param>
    /// <exception cref="UsageException">A folder holds no image.</exception>
    public static IReadOnlyList<InputFile> Collect(
        IEnumerable<string> inputs,
        string? exclude = null
    )
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
        var options = new EnumerationOptions
        {
            RecurseSubdirectories = true,
            MaxRecursionDepth = DeepestFolder,
            IgnoreInaccessible = true,
        };
        return
        [
            .. Directory
                .EnumerateFiles(folder, "*", options)
                .Where(path => ImageFormats.FromExtension(path) is not null)
                .Where(path =>
                    excluded is null
                    || !Path.GetFullPath(path).StartsWith(excluded, StringComparison.Ordinal)
                    || WithSeparator(Path.GetFullPath(folder))
                        .StartsWith(excluded, StringComparison.Ordinal)
                )
                .Select(path => new InputFile(
                    path,
                    Path.GetRelativePath(folder, path).Replace('\\', '/')
                ))
                .OrderBy(file => file.Name, StringComparer.Ordinal),
        ];
    }

    private static string WithSeparator(string folder) =>
        Path.EndsInDirectorySeparator(folder) ? folder : folder + Path.DirectorySeparatorChar;
}
