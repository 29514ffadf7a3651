using DiffBir.Imaging;

namespace DiffBir.Cli.Files;

/// <summary>An input of a batch.</summary>
/// <param name="Path">Where it lies.</param>
/// <param name="Name">Its path inside the folder that was given, or its file name; with forward slashes.</param>
/// <param name="Problem">Why it is not even opened, in a sentence; null for what is.</param>
internal record InputFile(string Path, string Name, string? Problem = null)
{
    /// <summary>Reads the image's header alone.</summary>
    /// <param name="page">The page or frame, from 1; null: the first.</param>
    /// <exception cref="ImageException">It is of a kind that is not read, missing or damaged.</exception>
    /// <exception cref="OptionException">It has no such page.</exception>
    public virtual ImageInfo Inspect(int? page) =>
        Problem is null ? ImageFile.Inspect(Path, page) : throw new ImageException(Problem);

    /// <summary>Reads the image.</summary>
    /// <exception cref="ImageException">It is of a kind that is not read, missing, damaged or incomplete.</exception>
    public virtual Photo Read(ImageReadOptions? options, CancellationToken cancellation) =>
        Problem is null ? ImageFile.Read(Path, options, cancellation) : throw new ImageException(Problem);
}

/// <summary>Finds the images of a batch.</summary>
internal static class InputFiles
{
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
                files.Add(new InputFile(input, Path.GetFileName(Path.TrimEndingDirectorySeparator(input))));
                continue;
            }

            var inside = Inside(input, exclude);
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

    /// <summary>Lists the images of a folder, one after the other of the folders in it, so that never more than one is in memory.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="exclude">A folder whose content is not taken: the batch's own output.</param>
    public static IEnumerable<IReadOnlyList<InputFile>> ByFolder(string folder, string? exclude) =>
        from inner in FolderWalk.Folders(folder, exclude)
        let files = Sorted(folder, FolderWalk.FilesOf(inner))
        where files.Count > 0
        select files;

    /// <summary>A file as its name tells it; null where it is no picture.</summary>
    /// <param name="path">Where it lies.</param>
    /// <param name="name">What it is called in its batch.</param>
    public static InputFile? Of(string path, string name) =>
        ImageFormats.FromExtension(path) is not null ? new InputFile(path, name)
        : UnreadFormat.FromExtension(path) is { } unread ? new InputFile(path, name, unread.Problem(path))
        : null;

    private static List<InputFile> Inside(string folder, string? exclude) => Sorted(folder, FolderWalk.Files(folder, exclude));

    private static List<InputFile> Sorted(string folder, IEnumerable<string> paths)
    {
        var files = new List<InputFile>();
        foreach (var path in paths)
        {
            // On Unix a backslash is a letter like any other.
            var name = Path.GetRelativePath(folder, path).Replace(Path.DirectorySeparatorChar, '/');
            if (Of(path, name) is { } file)
            {
                files.Add(file);
            }
        }

        files.Sort((a, b) => string.CompareOrdinal(a.Name, b.Name));
        return files;
    }
}
