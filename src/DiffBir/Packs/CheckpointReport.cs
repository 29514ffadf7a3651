using DiffBir.Checkpoints;
using DiffBir.Networks;

namespace DiffBir.Packs;

/// <summary>What a checkpoint is.</summary>
internal sealed record CheckpointReport
{
    /// <summary>The checkpoint.</summary>
    public required Checkpoint Checkpoint { get; init; }

    /// <summary>The networks found, in the order of their place in the file's names.</summary>
    public required IReadOnlyList<FoundNetwork> Networks { get; init; }

    /// <summary>Tensors that training or other programs left and that no network needs: schedules, averages, buffers.</summary>
    public required IReadOnlyList<string> Unneeded { get; init; }

    /// <summary>Tensors that belong to no network known here.</summary>
    public required IReadOnlyList<string> Unexpected { get; init; }

    /// <summary>Whether there is a network and every one found is complete.</summary>
    public bool IsUsable => Networks.Count > 0 && Networks.All(network => network.IsComplete);
}

/// <summary>A network in a checkpoint.</summary>
internal sealed record FoundNetwork
{
    /// <summary>Which network: its kind in <c>model.json</c>, but for upper case.</summary>
    public required string Kind { get; init; }

    /// <summary>Its name for people, with what it is for.</summary>
    public required string Title { get; init; }

    /// <summary>What the names of its weights begin with; empty, or ending in a dot.</summary>
    public required string Prefix { get; init; }

    /// <summary>Its sizes, recovered from names and shapes: the configuration record that its graph is built from.</summary>
    public required object Sizes { get; init; }

    /// <summary>Which of <see cref="Sizes"/>' properties the weights do not tell, so that the usual value stands there.</summary>
    public required IReadOnlyList<string> Assumed { get; init; }

    /// <summary>Whether all sizes are the official ones.</summary>
    public required bool IsOfficialSize { get; init; }

    /// <summary>The number of weights.</summary>
    public required long Parameters { get; init; }

    /// <summary>How the weights are stored, most of them first.</summary>
    public required IReadOnlyList<ElementType> Types { get; init; }

    /// <summary>Weights the file lacks.</summary>
    public required IReadOnlyList<string> Missing { get; init; }

    /// <summary>Weights of another shape than the network's other weights ask for.</summary>
    public required IReadOnlyList<WrongShape> WrongShapes { get; init; }

    /// <summary>Why the sizes make no network, in a sentence; null if they do.</summary>
    public string? Problem { get; init; }

    /// <summary>Whether every weight is there with its shape.</summary>
    public bool IsComplete => Problem is null && Missing.Count == 0 && WrongShapes.Count == 0;
}
