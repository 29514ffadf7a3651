namespace DiffBir.Cli.Files;

/// <summary>Finds the image that belongs to another one: of the same name, whatever its extension.</summary>
internal sealed class Counterparts
{
    private readonly string _role;
    private readonly string _path;
    private readonly Dictionary<string, InputFile>? _inFolder;

    private Counterparts(string role, string path, Dictionary<string, InputFile>? inFolder) =>
        (_role, _path, _inFolder) = (role, path, inFolder);

    /// <summary>All of them.</summary>
    public IEnumerable<InputFile> Files => _inFolder is null ? [Only] : _inFolder.Values;

    private InputFile Only => new(_path, Path.GetFileName(_path));

    /// <summary>Looks at a file or a folder.</summary>
    /// <param name="role">What the images are, for messages.</param>
    /// <param name="path">A folder, or the one file that belongs to the one image.</param>
    /// <param name="images">How many images want a counterpart.</param>
    /// <exception cref="UsageException">One file is to serve several images, or the folder holds no images.</exception>
    public static Counterparts Open(string role, string path, int images)
    {
        if (Directory.Exists(path))
        {
            var files = InputFiles.Collect([path]).Where(file => file.Problem is null);
            var byStem = files.GroupBy(file => OutputNames.Stem(file.Name), StringComparer.Ordinal);
            return new Counterparts(
                role,
                path,
                byStem.ToDictionary(group => group.Key, group => group.First(), StringComparer.Ordinal)
            );
        }

        return images == 1
            ? new Counterparts(role, path, null)
            : throw new UsageException(
                $"{images} images cannot have the one {role} {path}. Name a folder with images of the same names."
            );
    }

    /// <summary>An image's counterpart.</summary>
    /// <exception cref="UsageException">There is none.</exception>
    public InputFile Of(InputFile image)
    {
        var stem = OutputNames.Stem(image.Name);
        return _inFolder is null ? Only
            : _inFolder.TryGetValue(stem, out var found) ? found
            : throw new UsageException($"{image.Path} has no {_role}: {_path} holds no image named {stem}.");
    }
}
