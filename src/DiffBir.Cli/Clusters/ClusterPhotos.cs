using DiffBir.Cli.Files;
using DiffBir.Cluster.Feeding;

namespace DiffBir.Cli.Clusters;

/// <summary>The photos of a batch, and where their results go.</summary>
/// <param name="Output">The place of the results, as all machines call it.</param>
/// <param name="Items">Lists them; anew each time where there may be too many for memory.</param>
/// <param name="Count">How many there are.</param>
internal sealed record ClusterPhotos(string Output, Func<IAsyncEnumerable<FeedItem>> Items, int Count)
{
    /// <summary>Finds the photos of a batch from folders into a folder.</summary>
    /// <param name="inputs">Files and folders, as they were given.</param>
    /// <param name="output">The file or the folder of the results, as it was given.</param>
    /// <param name="existing">What to do with results that are there.</param>
    /// <param name="plan">Gives results their names.</param>
    /// <exception cref="UsageException">A folder holds no image, or an output would replace an input.</exception>
    public static ClusterPhotos Of(
        IReadOnlyList<string> inputs,
        string output,
        Existing existing,
        Func<IReadOnlyList<InputFile>, IReadOnlyList<BatchItem>> plan
    )
    {
        if (IsOneFolder(inputs, output) && existing != Existing.Overwrite)
        {
            IEnumerable<BatchItem> Listed() => InputFiles.ByFolder(inputs[0], output).SelectMany(plan);
            if (Listed().Count() is > 0 and var count)
            {
                return Of(Path.GetFullPath(output), Listed, count);
            }
        }

        var items = plan(InputFiles.Collect(inputs, exclude: output));
        var kept = new KeptInputs(items.Select(item => item.Input));
        foreach (var file in items.SelectMany(item => item.Outputs))
        {
            kept.ValidateOther(file);
        }

        return Of(RootOf(output, items), () => items, items.Count);
    }

    private static ClusterPhotos Of(string root, Func<IEnumerable<BatchItem>> items, int count) =>
        new(root, () => items().Select(item => ItemOf(item, root)).ToAsyncEnumerable(), count);

    private static FeedItem ItemOf(BatchItem item, string root) =>
        new(
            Path.GetFullPath(item.Input.Path),
            [
                .. item.Outputs.Select(path =>
                    Path.GetRelativePath(root, Path.GetFullPath(path)).Replace(Path.DirectorySeparatorChar, '/')
                ),
            ],
            item.Input.Problem
        );

    // One photo may have been given a file.
    private static string RootOf(string output, IReadOnlyList<BatchItem> items)
    {
        var path = Path.GetFullPath(output);
        var folder = Path.GetDirectoryName(Path.GetFullPath(items[0].Output))!;
        return !Directory.Exists(path) && items.Count == 1 && folder == Path.GetDirectoryName(path) ? folder : path;
    }

    /// <summary>Whether results of one folder cannot meet those of another, nor inputs: then one folder is planned after the other.</summary>
    private static bool IsOneFolder(IReadOnlyList<string> inputs, string output) =>
        inputs is [var only] && Directory.Exists(only) && (Directory.Exists(output) || !Path.HasExtension(output));
}
