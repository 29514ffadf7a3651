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

/// <summary>One input and where its results go.</summary>
/// <param name="Input">The input.</param>
/// <param name="Outputs">One file for each result.</param>
/// <param name="Stem">What no other item is called: its path inside the output's folder, without an extension.</param>
internal sealed record BatchItem(InputFile Input, IReadOnlyList<string> Outputs, string Stem)
{
    /// <summary>The only, or the first, file.</summary>
    public string Output => Outputs[0];
}

/// <summary>Decides where the results of a batch go.</summary>
internal static class OutputFiles
{
    /// <summary>What is meant as a file, not as a folder, although it cannot be written.</summary>
    private static readonly string[] OtherImages = [".avif", ".bmp", ".gif", ".heic", ".heif", ".jp2", ".jxl"];

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
        var ofName = Directory.Exists(output) ? null : ImageFormats.FromExtension(output);
        if (ofName is null)
        {
            RequireFolder(output);
        }

        var names = ofName is null
            ? InFolder(inputs, output, input => format ?? otherwise(input))
            : [(AsFile(inputs, output, ofName.Value, format), Stem(Path.GetFileName(output)))];
        var items = inputs.Zip(names, (input, name) => new BatchItem(input, Numbered(name.Path, results), name.Stem));
        return RequireInputsStay([.. items]);
    }

    /// <summary>Throws unless outputs can go into a folder of this name.</summary>
    private static void RequireFolder(string output)
    {
        var isOtherImage = OtherImages.Contains(Path.GetExtension(output), StringComparer.OrdinalIgnoreCase);
        if (File.Exists(output) || (isOtherImage && !Directory.Exists(output)))
        {
            throw new UsageException(
                $"The output {output} is neither a folder nor named like a {ImageFormats.Names} file. Name one of these (-o)."
            );
        }
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

    private static List<(string Path, string Stem)> InFolder(
        IReadOnlyList<InputFile> inputs,
        string folder,
        Func<InputFile, ImageFormat> format
    )
    {
        var taken = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var stems = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var names = new List<(string, string)>(inputs.Count);
        foreach (var input in inputs)
        {
            var extension = format(input).Extension();
            var name = Path.ChangeExtension(input.Name, extension);
            if (!taken.Add(name))
            {
                // a.png and a.jpg must not overwrite each other.
                name = Unique(WithoutDot(input.Name), extension, taken);
            }

            var stem = Stem(name);
            if (!stems.Add(stem))
            {
                stem = Unique(WithoutDot(name), "", stems);
            }

            names.Add((Path.Combine(folder, name), stem));
        }

        return names;
    }

    private static string Stem(string name) => Path.ChangeExtension(name, null);

    /// <summary>a.jpg becomes a_jpg; dots in names of folders stay.</summary>
    private static string WithoutDot(string name) => Stem(name) + Path.GetExtension(name).Replace('.', '_');

    private static string Unique(string stem, string extension, HashSet<string> taken)
    {
        var name = stem + extension;
        for (var number = 2; !taken.Add(name); number++)
        {
            name = $"{stem}_{number}{extension}";
        }

        return name;
    }

    private static string[] Numbered(string output, int results) =>
        results == 1
            ? [output]
            : [.. Enumerable.Range(0, results).Select(number => $"{Stem(output)}_{number}{Path.GetExtension(output)}")];

    /// <summary>The only copy of a photo is never replaced, not even with <c>--overwrite</c>.</summary>
    private static List<BatchItem> RequireInputsStay(List<BatchItem> items)
    {
        var inputs = items.Select(item => Path.GetFullPath(item.Input.Path)).ToHashSet(StringComparer.OrdinalIgnoreCase);
        foreach (var output in items.SelectMany(item => item.Outputs))
        {
            if (inputs.Contains(Path.GetFullPath(output)))
            {
                throw new UsageException($"The output {output} would replace an input. Name another file or folder (-o).");
            }
        }

        return items;
    }
}
