using DiffBir.Files;
using DiffBir.Graphs;

namespace DiffBir.Checkpoints;

/// <summary>Where a network's weights lie: names of the graph, looked up in one or several checkpoints.</summary>
internal sealed class Weights
{
    private readonly List<(string GraphPrefix, Checkpoint Checkpoint, string FilePrefix)> _sources = [];
    private readonly Dictionary<string, string> _realPaths = [];

    /// <summary>The weights of a checkpoint whose names are the graph's.</summary>
    public static Weights From(Checkpoint checkpoint) => new Weights().Bind("", checkpoint, "");

    /// <summary>Takes the names that begin with a prefix from a checkpoint; the first match wins.</summary>
    /// <param name="graphPrefix">What the names begin with in the graph; empty for all.</param>
    /// <param name="checkpoint">The checkpoint.</param>
    /// <param name="filePrefix">What the names begin with in the checkpoint instead.</param>
    public Weights Bind(string graphPrefix, Checkpoint checkpoint, string filePrefix)
    {
        _sources.Add((graphPrefix, checkpoint, filePrefix));
        return this;
    }

    /// <summary>A weight's place.</summary>
    /// <exception cref="CheckpointException">No checkpoint has it.</exception>
    public StoredTensor this[string name]
    {
        get
        {
            var (checkpoint, stored) = Find(name);
            return checkpoint.Tensors[stored];
        }
    }

    /// <summary>A weight's values.</summary>
    /// <exception cref="CheckpointException">No checkpoint has it, or it cannot be read.</exception>
    public Tensor Read(string name)
    {
        var (checkpoint, stored) = Find(name);
        return checkpoint.Read(stored);
    }

    /// <summary>Throws unless every weight of the graph is there with its shape; lists everything that is not.</summary>
    /// <exception cref="CheckpointException">Weights are missing or of another shape.</exception>
    public void Validate(Graph graph)
    {
        var comparison = WeightComparison.Of(
            [graph],
            name => TryFind(name) is var (checkpoint, stored) ? (name, checkpoint.Tensors[stored]) : (name, null)
        );
        if (!comparison.Fits)
        {
            throw new CheckpointException(
                $"The weights do not fit {graph.Name}:{comparison.Describe()} Use the file made for this network (diffbir inspect FILE says what a file is)."
            );
        }
    }

    /// <summary>The deepest folder that contains every file the graph's weights lie in.</summary>
    internal string CommonFolder(Graph graph)
    {
        string? common = null;
        foreach (var parameter in graph.Parameters)
        {
            var file = this[((Parameter)parameter.Operation).Name].File;
            var folder = Path.GetDirectoryName(RealPath(file))!;
            common ??= folder;
            while (!IsInside(folder, common))
            {
                common =
                    Path.GetDirectoryName(common)
                    ?? throw new CheckpointException(
                        $"The weights of {graph.Name} lie on several drives. Put all files on one drive."
                    );
            }
        }

        return common ?? Path.GetFullPath(".");
    }

    /// <summary>The path of a file of weights without links: ONNX Runtime takes no weights through links out of their folder.</summary>
    internal string RealPath(string file)
    {
        if (!_realPaths.TryGetValue(file, out var path))
        {
            _realPaths[file] = path = FileIdentity.RealPath(file);
        }

        return path;
    }

    private static bool IsInside(string folder, string parent) =>
        folder.Equals(parent, StringComparison.Ordinal)
        || folder.StartsWith(
            Path.EndsInDirectorySeparator(parent) ? parent : parent + Path.DirectorySeparatorChar,
            StringComparison.Ordinal
        );

    private (Checkpoint Checkpoint, string Name) Find(string name) =>
        TryFind(name) ?? throw new CheckpointException($"No checkpoint has the weight {name}.");

    private (Checkpoint Checkpoint, string Name)? TryFind(string name)
    {
        foreach (var (graphPrefix, checkpoint, filePrefix) in _sources)
        {
            if (name.StartsWith(graphPrefix, StringComparison.Ordinal))
            {
                var stored = filePrefix + name[graphPrefix.Length..];
                if (checkpoint.Tensors.ContainsKey(stored))
                {
                    return (checkpoint, stored);
                }
            }
        }

        return null;
    }
}
