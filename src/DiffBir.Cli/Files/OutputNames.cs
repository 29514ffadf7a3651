using DiffBir.Files;
using DiffBir.Imaging;

namespace DiffBir.Cli.Files;

/// <summary>Names the results of a batch inside its folder.</summary>
/// <remarks>
/// A name tells which photo its result belongs to, whatever else is in the batch: <c>--skip-existing</c> relies on it. Where
/// <c>a.jpg</c> and <c>a.png</c> lie side by side, <c>a.png</c> could be the result of both, so it is that of neither; they become
/// <c>a_jpg.png</c> and <c>a_png.png</c>.
/// </remarks>
/// <param name="folder">The folder.</param>
/// <param name="format">The format of an input's result.</param>
internal sealed class OutputNames(string folder, Func<InputFile, ImageFormat> format)
{
    private static readonly EnumerationOptions Accessible = new();

    private readonly HashSet<string> _taken = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> _stems = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Names one result for each input.</summary>
    /// <returns>Each with its stem, which no other has.</returns>
    public IReadOnlyList<(string Name, string Stem)> Of(IReadOnlyList<InputFile> inputs)
    {
        var claims = Claims(inputs);
        return [.. inputs.Select(input => Name(input, isAlone: input.Problem is null && claims[PlainName(input)].Count == 1))];
    }

    /// <summary>A name without its extension.</summary>
    public static string Stem(string name) => Path.ChangeExtension(name, null);

    /// <summary>What tells photos of one stem apart: a.jpg becomes a_jpg; dots in names of folders stay.</summary>
    public static string StemOfBoth(string name) => Stem(name) + Path.GetExtension(name).Replace('.', '_');

    /// <summary>The name of the only photo of its stem: a.jpg becomes a.png.</summary>
    public string PlainName(InputFile input) => Path.ChangeExtension(input.Name, format(input).Extension());

    /// <summary>For each plain name the photos that could have it: those of the batch, and those beside them, which other batches may have.</summary>
    private Dictionary<string, HashSet<string>> Claims(IReadOnlyList<InputFile> inputs)
    {
        var claims = new Dictionary<string, HashSet<string>>(StringComparer.OrdinalIgnoreCase);
        foreach (var input in inputs.Concat(Beside(inputs)))
        {
            if (!claims.TryGetValue(PlainName(input), out var paths))
            {
                claims[PlainName(input)] = paths = new HashSet<string>(StringComparer.Ordinal);
            }

            // What is not read has no result.
            if (input.Problem is null)
            {
                paths.Add(Path.GetFullPath(input.Path));
            }
        }

        return claims;
    }

    /// <summary>All images in the folders of the inputs, but not what earlier batches put there.</summary>
    private IEnumerable<InputFile> Beside(IReadOnlyList<InputFile> inputs) =>
        from input in inputs.DistinctBy(input => Path.GetDirectoryName(Path.GetFullPath(input.Path)))
        let beside = Path.GetDirectoryName(Path.GetFullPath(input.Path))
        where Directory.Exists(beside)
        from path in Directory.EnumerateFiles(beside, "*", Accessible)
        where ImageFormats.FromExtension(path) is not null
        let image = new InputFile(path, Path.Combine(Path.GetDirectoryName(input.Name)!, Path.GetFileName(path)))
        where FileIdentity.Of(path) != FileIdentity.Of(Path.Combine(folder, PlainName(image)))
        select image;

    private (string Name, string Stem) Name(InputFile input, bool isAlone)
    {
        var extension = format(input).Extension();
        var name = PlainName(input);
        if (!isAlone || !_taken.Add(name))
        {
            name = Unique(StemOfBoth(input.Name), extension, _taken);
        }

        var stem = Stem(name);
        if (!_stems.Add(stem))
        {
            stem = Unique(StemOfBoth(name), "", _stems);
        }

        return (name, stem);
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
