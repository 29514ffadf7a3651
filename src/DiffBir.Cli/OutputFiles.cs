using DiffBir.Imaging;

namespace DiffBir.Cli;

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

/// <summary>One input and where its result goes.</summary>
internal sealed record BatchItem(InputFile Input, string Output);

/// <summary>Decides where the results of a batch go.</summary>
internal static class OutputFiles
{
    /// <summary>Gives every input an output of its own.</summary>
    /// <param name="inputs">The inputs.</param>
    /// <param name="output">A file if it ends like an image file, otherwise a folder.</param>
    /// <param name="format">The format asked for; null: that of the output's extension, else of <paramref name="otherwise"/>.</param>
    /// <param name="otherwise">The format of an input's result where nothing else decides.</param>
    /// <exception cref="UsageException">The output is one file but the inputs are several, or its extension contradicts the format.</exception>
    public static IReadOnlyList<BatchItem> Plan(
        IReadOnlyList<InputFile> inputs,
        string output,
        ImageFormat? format,
        Func<InputFile, ImageFormat> otherwise
    )
    {
        var ofName = Directory.Exists(output) ? null : ImageFormats.FromExtension(output);
        if (ofName is null)
        {
            return InFolder(inputs, output, input => format ?? otherwise(input));
        }

        if (inputs.Count != 1)
        {
            throw new UsageException(
                $"{inputs.Count} images cannot be written to the one file {output}. Name a folder (-o)."
            );
        }

        if (format is { } asked && asked != ofName)
        {
            throw new UsageException(
                $"The output {output} is named like {ofName.Value.Name()}, but --format asks for {asked.Name()}. Change one of them."
            );
        }

        return [new BatchItem(inputs[0], output)];
    }

    /// <summary>What to do with outputs that are there.</summary>
    /// <exception cref="UsageException">Both were asked for.</exception>
    public static Existing Policy(bool overwrite, bool skip) =>
        (overwrite, skip) switch
        {
            (true, true) => throw new UsageException(
                "--overwrite and --skip-existing contradict each other. Give one of them."
            ),
            (true, _) => Existing.Overwrite,
            (_, true) => Existing.Skip,
            _ => Existing.Refuse,
        };

    /// <summary>The name of one of several results: a.png becomes a_0.png, a_1.png …</summary>
    public static string Numbered(string output, int number) =>
        Path.Combine(
            Path.GetDirectoryName(output) ?? "",
            $"{Path.GetFileNameWithoutExtension(output)}_{number}{Path.GetExtension(output)}"
        );

    private static List<BatchItem> InFolder(
        IReadOnlyList<InputFile> inputs,
        string folder,
        Func<InputFile, ImageFormat> format
    )
    {
        var taken = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var items = new List<BatchItem>(inputs.Count);
        foreach (var input in inputs)
        {
            var extension = format(input).Extension();
            var name = Path.ChangeExtension(input.Name, extension);
            if (!taken.Add(name))
            {
                // a.png and a.jpg must not overwrite each other.
                name = Unique(input.Name.Replace('.', '_'), extension, taken);
            }

            items.Add(new BatchItem(input, Path.Combine(folder, name)));
        }

        return items;
    }

    private static string Unique(string stem, string extension, HashSet<string> taken)
    {
        var name = stem + extension;
        for (var number = 2; !taken.Add(name); number++)
        {
            name = $"{stem}_{number}{extension}";
        }

        return name;
    }
}
