using DiffBir.Checkpoints;
using DiffBir.Training.Configuration;

namespace DiffBir.Training.Execution;

/// <summary>A network that was trained before: its sizes and where its weights lie.</summary>
/// <param name="Sizes">The sizes.</param>
/// <param name="Checkpoint">The file.</param>
/// <param name="Prefix">What its weights' names begin with in the file.</param>
internal sealed record FrozenNetwork<TSizes>(TSizes Sizes, Checkpoint Checkpoint, string Prefix)
    where TSizes : class
{
    /// <summary>Opens a network.</summary>
    /// <param name="source">Where it is.</param>
    /// <param name="name">Its name in a run's folder.</param>
    /// <param name="prefix">What its weights' names begin with in a run's folder.</param>
    /// <param name="folder">What a relative path is relative to.</param>
    /// <exception cref="DiffBirException">It is not there.</exception>
    public static FrozenNetwork<TSizes> Open(FrozenNetworkSource<TSizes> source, string name, string prefix, string folder)
    {
        var path = Path.GetFullPath(source.Path, folder);
        if (Directory.Exists(path))
        {
            var sizes = OptionsFile.Parse<TSizes>(Path.Combine(path, $"{name}.json"));
            var file = Path.Combine(path, $"{name}.safetensors");
            return new FrozenNetwork<TSizes>(sizes, Checkpoint.Open(file), prefix);
        }

        return source.Sizes is { } known
            ? new FrozenNetwork<TSizes>(known, Checkpoint.Open(path), source.Prefix)
            : throw new DiffBirException(
                $"'{path}' is no run's folder. Give one, or a checkpoint with its sizes, as the {name}."
            );
    }

    /// <summary>The weights under a graph's own prefix.</summary>
    public Weights Under(string graphPrefix) => new Weights().Bind(graphPrefix, Checkpoint, Prefix);
}
