using DiffBir.Files;

namespace DiffBir.Cli.Files;

/// <summary>Lists the files below a folder, and visits each folder once, however many links lead to it.</summary>
/// <remarks>A folder is listed under its own path; one that only links lead to, under the first of them.</remarks>
internal sealed class FolderWalk
{
    private static readonly EnumerationOptions Accessible = new(); // hidden and closed ones are left out

    private readonly HashSet<FileIdentity> _visited = [];
    private readonly Queue<string> _links = [];

    private FolderWalk() { }

    /// <summary>The paths of all files below a folder.</summary>
    /// <param name="root">The folder.</param>
    /// <param name="exclude">A folder that is not visited, whatever path leads to it, unless it is the root itself.</param>
    public static IEnumerable<string> Files(string root, string? exclude) => Folders(root, exclude).SelectMany(FilesOf);

    /// <summary>The files of one folder.</summary>
    public static IEnumerable<string> FilesOf(string folder) => Directory.EnumerateFiles(folder, "*", Accessible);

    /// <summary>The folder and all below it, one after the other: none is looked into before it is asked for.</summary>
    /// <inheritdoc cref="Files"/>
    public static IEnumerable<string> Folders(string root, string? exclude)
    {
        var walk = new FolderWalk();
        if (exclude is not null && FileIdentity.Of(exclude) is { } excluded && excluded != FileIdentity.Of(root))
        {
            walk._visited.Add(excluded);
        }

        foreach (var folder in walk.Visit(root))
        {
            yield return folder;
        }

        // Behind everything else: what a link leads to may be below the root by itself.
        while (walk._links.TryDequeue(out var link))
        {
            foreach (var folder in walk.Visit(link))
            {
                yield return folder;
            }
        }
    }

    private IEnumerable<string> Visit(string folder)
    {
        if (FileIdentity.Of(folder) is not { } identity || !_visited.Add(identity))
        {
            yield break;
        }

        yield return folder;
        foreach (var inner in Directory.EnumerateDirectories(folder, "*", Accessible).Order(StringComparer.Ordinal))
        {
            if (new DirectoryInfo(inner).LinkTarget is not null)
            {
                _links.Enqueue(inner);
                continue;
            }

            foreach (var below in Visit(inner))
            {
                yield return below;
            }
        }
    }
}
