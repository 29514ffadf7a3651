using DiffBir.Files;
using DiffBir.Imaging;

namespace DiffBir.Cli.Files;

/// <summary>What to do with an output that is already there.</summary>
internal enum Existing
{
    /// <summary>The input counts as failed.</summary>
    Refuse,

    /// <summary>The input counts as done.</summary>
    Skip,

    /// <summary>The output is replaced.</summary>
    Overwrite,
}

/// <summary>One input and where its results go.</summary>
/// <param name="Input">The input.</param>
/// <param name="Outputs">One file for each result; none where the one result goes to the standard output.</param>
/// <param name="Stem">What no other item is called: its path inside the output's folder, without an extension.</param>
internal sealed record BatchItem(InputFile Input, IReadOnlyList<string> Outputs, string Stem)
{
    /// <summary>The only, or the first, file.</summary>
    public string Output => Outputs[0];

    /// <summary>Whether the one result goes to the standard output.</summary>
    public bool IsStreamed => Outputs.Count == 0;
}

/// <summary>Decides where the results of a batch go.</summary>
internal static class OutputFiles
{
    /// <summary>Gives every input outputs of its own.</summary>
    /// <param name="inputs">The inputs.</param>
    /// <param name="output">A file if it ends like an image file, otherwise a folder.</param>
    /// <param name="format">The format asked for; null: that of the output's extension, else of <paramref name="otherwise"/>.</param>
    /// <param name="otherwise">The format of an input's result where nothing else decides.</param>
    /// <param name="results">The results of each input; several are numbered: a_0.png, a_1.png …</param>
    /// <exception cref="UsageException">The output is one file but the inputs are several, it is none that can be written, its extension contradicts the format, or an input would be replaced.</exception>
    public static IReadOnlyList<BatchItem> Plan(
        IReadOnlyList<InputFile> inputs,
        string output,
        ImageFormat? format,
        Func<InputFile, ImageFormat> otherwise,
        int results = 1
    )
    {
        if (!Directory.Exists(output) && ImageFormats.FromOutputName(output) is { } ofName)
        {
            var file = AsFile(inputs, output, ofName, format);
            return [new BatchItem(inputs[0], Numbered(file, results), OutputNames.Stem(Path.GetFileName(output)))];
        }

        ValidateFolder(output, inputs);
        var kept = new KeptInputs(inputs);
        var names = new OutputNames(output, input => format ?? otherwise(input));
        foreach (var plain in inputs.SelectMany(input => Paths(names.PlainName(input))))
        {
            // In the folder of the photos themselves, the results of an earlier batch are no photos to restore.
            kept.ValidateOther(plain);
        }

        return [.. inputs.Zip(names.Of(inputs), (input, name) => new BatchItem(input, Paths(name.Name), name.Stem))];

        string[] Paths(string name) => Numbered(PathInside(output, name), results);
    }

    /// <summary>What to do with outputs that are there.</summary>
    /// <exception cref="UsageException">Both were asked for.</exception>
    public static Existing Policy(bool overwrite, bool skip) =>
        (overwrite, skip) switch
        {
            (true, true) => throw new UsageException("--overwrite and --skip-existing contradict each other. Give one of them."),
            (true, _) => Existing.Overwrite,
            (_, true) => Existing.Skip,
            _ => Existing.Refuse,
        };

    /// <summary>The path of an output inside the folder that was asked for.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="name">The output's name, made from that of an input, which is not trusted.</param>
    /// <exception cref="UsageException">The name leads out of the folder.</exception>
    public static string PathInside(string folder, string name) =>
        FolderPath.Inside(folder, name)
        ?? throw new UsageException($"An output named {name} would lie outside of {folder}. Rename the input.");

    private static string AsFile(IReadOnlyList<InputFile> inputs, string output, ImageFormat ofName, ImageFormat? asked)
    {
        if (inputs.Count != 1)
        {
            throw new UsageException($"{inputs.Count} images cannot be written to the one file {output}. Name a folder (-o).");
        }

        return asked is null || asked == ofName
            ? output
            : throw new UsageException(
                $"The output {output} is named like {ofName.Name()}, but --format asks for {asked.Value.Name()}. Change one of them."
            );
    }

    /// <summary>Throws unless outputs can go into a folder of this name.</summary>
    private static void ValidateFolder(string output, IReadOnlyList<InputFile> inputs)
    {
        if (Directory.Exists(output))
        {
            return;
        }

        // Whoever restores one photo and names something with an extension means a file.
        if (
            File.Exists(output)
            || ImageFormats.FromExtension(output) is not null
            || UnreadFormat.FromExtension(output) is not null
            || (inputs.Count == 1 && Path.HasExtension(output))
        )
        {
            throw new UsageException(
                $"The output {output} is neither a folder nor named like a {ImageFormats.WrittenNames} file. "
                    + "Name one of these; a new folder with a dot in its name ends with a slash (-o)."
            );
        }
    }

    /// <summary>The names of a photo's results: its own for one, else with the number of each.</summary>
    public static string[] Numbered(string output, int results) =>
        results == 1
            ? [output]
            :
            [
                .. Enumerable
                    .Range(0, results)
                    .Select(number => $"{OutputNames.Stem(output)}_{number}{Path.GetExtension(output)}"),
            ];
}
