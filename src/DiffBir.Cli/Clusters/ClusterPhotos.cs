using DiffBir.Cli.Files;

namespace DiffBir.Cli.Clusters;

/// <summary>The photos of a batch, and where their results go.</summary>
/// <param name="Items">Lists them; anew each time where there may be too many for memory.</param>
/// <param name="Count">How many there are.</param>
internal sealed record ClusterPhotos(Func<IEnumerable<BatchItem>> Items, int Count)
{
    /// <summary>Finds the photos.</summary>
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
                return new ClusterPhotos(Listed, count);
            }
        }

        var items = plan(InputFiles.Collect(inputs, exclude: output));
        var kept = new KeptInputs(items.Select(item => item.Input));
        foreach (var file in items.SelectMany(item => item.Outputs))
        {
            kept.ValidateOther(file);
        }

        return new ClusterPhotos(() => items, items.Count);
    }

    /// <summary>Whether results of one folder cannot meet those of another, nor inputs: then one folder is planned after the other.</summary>
    private static bool IsOneFolder(IReadOnlyList<string> inputs, string output) =>
        inputs is [var only] && Directory.Exists(only) && (Directory.Exists(output) || !Path.HasExtension(output));
}
