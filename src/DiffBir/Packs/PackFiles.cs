using System.Text;
using DiffBir.Checkpoints;
using DiffBir.Graphs;

namespace DiffBir.Packs;

/// <summary>Where a pack's files are on this machine.</summary>
/// <param name="pack">The pack.</param>
/// <param name="folders">Where to look, first match wins; then in the pack's own folder, then beside the program, where CLIP's vocabulary lies.</param>
internal sealed class PackFiles(ModelPack pack, params IReadOnlyList<string> folders)
{
    private static readonly string Beside = Path.Combine(AppContext.BaseDirectory, "models", "clip");

    private readonly Dictionary<string, Checkpoint> _open = [];

    /// <summary>The file's path, or null where it is not found.</summary>
    public string? Find(PackFile file)
    {
        var candidates = folders.Select(folder => Path.Combine(folder, file.Name));
        if (pack.Folder is { } own)
        {
            candidates = candidates.Append(Path.Combine(own, file.Path ?? file.Name));
        }

        return candidates.Append(Path.Combine(Beside, file.Name)).FirstOrDefault(File.Exists);
    }

    /// <summary>Throws unless every file of the keys is there; lists all that are missing with the remedy.</summary>
    /// <exception cref="PackException">Files are missing.</exception>
    public void Validate(params IEnumerable<string> keys)
    {
        var missing = keys.Distinct().Select(key => pack.Files[key]).Where(file => Find(file) is null).ToList();
        if (missing.Count == 0)
        {
            return;
        }

        var message = new StringBuilder($"The model {pack.Name} needs {missing.Count} more file(s):\n");
        foreach (var file in missing)
        {
            var size = file.Size is { } bytes ? $"{bytes / 1e6:N0} MB" : "size not known";
            message.Append($"  {file.Name}, {size}: {file.Description}\n");
            foreach (var source in file.Sources)
            {
                message.Append($"    {source}\n");
            }
        }

        message.Append(
            folders.Count > 0
                ? $"They are not in {string.Join(" or ", folders)}. "
                : "No folder with weights was given (--weights). "
        );
        message.Append($"Get them with: diffbir models pull {pack.Folder ?? pack.Name}");
        throw new PackException(message.ToString());
    }

    /// <summary>The path of a file.</summary>
    /// <exception cref="PackException">It is missing.</exception>
    public string PathOf(string key)
    {
        Validate(key);
        return Find(pack.Files[key])!;
    }

    /// <summary>The official name of a file.</summary>
    internal string NameOf(string key) => pack.Files[key].Name;

    /// <summary>The size of a file in bytes; 0 where it is missing.</summary>
    public long SizeOf(string key) => Find(pack.Files[key]) is { } path ? new FileInfo(path).Length : 0;

    /// <summary>The weights of a network, opened when they are asked for.</summary>
    /// <param name="network">The network.</param>
    /// <param name="scope">What the names of its parameters begin with in its graph.</param>
    internal Func<Weights> WeightsOf<TSizes>(NetworkSource<TSizes> network, ParameterScope scope)
        where TSizes : new() => () => new Weights().Bind($"{scope.Path}.", Open(network.File), network.Prefix);

    /// <summary>The opened checkpoint of a file; opened once.</summary>
    /// <exception cref="PackException">It is missing.</exception>
    /// <exception cref="CheckpointException">It cannot be used.</exception>
    public Checkpoint Open(string key)
    {
        lock (_open)
        {
            if (!_open.TryGetValue(key, out var checkpoint))
            {
                _open[key] = checkpoint = Checkpoint.Open(PathOf(key));
            }

            return checkpoint;
        }
    }
}
