using DiffBir.Randomness;

namespace DiffBir.Training.Data;

/// <summary>The photos of a folder or of a list, in an order of their own for each epoch.</summary>
internal sealed class PhotoSet
{
    private static readonly string[] Extensions = [".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff"];
    private const int HeldOutEvery = 50; // without a val folder, every fiftieth photo validates

    private readonly string[] _names;
    private readonly string _folder;

    private PhotoSet(string folder, IEnumerable<string> names)
    {
        _folder = folder;
        _names = [.. names.Order(StringComparer.Ordinal)];
    }

    /// <summary>The number of photos.</summary>
    public int Count => _names.Length;

    /// <summary>Finds the photos to train on and those to validate with.</summary>
    /// <param name="source">A folder (with <c>train</c> and <c>val</c> inside, or photos), or a text file with a path on each line.</param>
    /// <exception cref="DiffBirException">There are no photos.</exception>
    public static (PhotoSet Training, PhotoSet Validation) Open(string source)
    {
        var (training, validation) = (Path.Combine(source, "train"), Path.Combine(source, "val"));
        if (Directory.Exists(training) && Directory.Exists(validation))
        {
            return (OfFolder(training).ValidateCount(training), OfFolder(validation).ValidateCount(validation));
        }

        var all = (Directory.Exists(source) ? OfFolder(source) : OfList(source)).ValidateCount(source);
        var held = all._names.Where((_, index) => index % HeldOutEvery == 0).ToArray();
        return (all.Count == 1 ? all : new PhotoSet(all._folder, all._names.Except(held)), new PhotoSet(all._folder, held));
    }

    /// <summary>A photo's name: its path inside the set, with forward slashes.</summary>
    public string NameOf(int index) => _names[index];

    /// <summary>A photo's path.</summary>
    public string PathOf(int index) => Path.Combine(_folder, _names[index]);

    /// <summary>The photos in an epoch's order.</summary>
    public int[] OrderOf(long seed, long epoch)
    {
        var order = Enumerable.Range(0, Count).ToArray();
        var random = SplitMix64.For(seed, "order of photos", epoch);
        for (var last = order.Length - 1; last > 0; last--)
        {
            var other = random.Integer(last + 1);
            (order[last], order[other]) = (order[other], order[last]);
        }

        return order;
    }

    private static PhotoSet OfFolder(string folder) =>
        new(
            folder,
            Directory
                .EnumerateFiles(folder, "*", SearchOption.AllDirectories)
                .Where(path => Extensions.Contains(Path.GetExtension(path).ToLowerInvariant()))
                .Select(path => Path.GetRelativePath(folder, path).Replace(Path.DirectorySeparatorChar, '/'))
        );

    private static PhotoSet OfList(string file)
    {
        if (!File.Exists(file))
        {
            throw new DiffBirException($"'{file}' is neither a folder nor a list of photos. Give one of them (--data).");
        }

        var lines = File.ReadLines(file).Select(line => line.Trim());
        var folder = Path.GetDirectoryName(Path.GetFullPath(file))!;
        return new PhotoSet(folder, lines.Where(line => line.Length > 0));
    }

    private PhotoSet ValidateCount(string source) =>
        Count > 0 ? this : throw new DiffBirException($"'{source}' holds no photos ({string.Join(", ", Extensions)}).");
}
