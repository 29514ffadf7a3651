namespace DiffBir.Cli.Files;

/// <summary>Finds the image that belongs to another one: of the same name, whatever its extension, or of the name that <see cref="OutputNames"/> gives its result.</summary>
internal sealed class Counterparts
{
    private readonly string _role;
    private readonly string _path;
    private readonly IReadOnlyList<InputFile> _files;
    private readonly ILookup<string, InputFile>? _byStem;
    private readonly ILookup<string, InputFile>? _byStemOfBoth;

    private Counterparts(string role, string path)
    {
        (_role, _path, _files) = (role, path, [new InputFile(path, Path.GetFileName(path))]);
        if (Directory.Exists(path))
        {
            _files = [.. InputFiles.Collect([path]).Where(file => file.Problem is null)];
            _byStem = _files.ToLookup(file => OutputNames.Stem(file.Name), StringComparer.Ordinal);
            _byStemOfBoth = _files.ToLookup(file => OutputNames.StemOfBoth(file.Name), StringComparer.Ordinal);
        }
    }

    /// <summary>All of them.</summary>
    public IReadOnlyList<InputFile> Files => _files;

    /// <summary>Looks at a file or a folder.</summary>
    /// <param name="role">What the images are, for messages.</param>
    /// <param name="path">A folder, or the one file that belongs to the one image.</param>
    /// <param name="images">How many images want a counterpart.</param>
    /// <exception cref="UsageException">One file is to serve several images, or the folder holds no images.</exception>
    public static Counterparts Open(string role, string path, int images) =>
        images == 1 || Directory.Exists(path)
            ? new Counterparts(role, path)
            : throw new UsageException(
                $"{images} images cannot have the one {role} {path}. Name a folder with images of the same names."
            );

    /// <summary>An image's counterpart.</summary>
    /// <exception cref="UsageException">There is none, or there are several.</exception>
    public InputFile Of(InputFile image)
    {
        if (_byStem is null || _byStemOfBoth is null)
        {
            return _files[0];
        }

        var stem = OutputNames.Stem(image.Name);
        List<InputFile> found = [.. _byStem.Contains(stem) ? _byStem[stem] : _byStemOfBoth[stem]];
        return found.Find(file => file.Name == image.Name)
            ?? found.Count switch
            {
                0 => throw new UsageException($"{image.Path} has no {_role}: {_path} holds no image named {stem}."),
                1 => found[0],
                _ => throw new UsageException(
                    $"{image.Path} has several images as its {_role}: {string.Join(", ", found.Select(file => file.Path))}. Keep one of them there."
                ),
            };
    }
}
