namespace DiffBir.Checkpoints;

/// <summary>What a reader of one container format found.</summary>
/// <param name="Format">The container.</param>
/// <param name="Tensors">The state dictionary's tensors, in the file's order, under the file's names; no name occurs twice.</param>
/// <param name="Metadata">Text that came with them.</param>
internal sealed record CheckpointIndex(
    CheckpointFormat Format,
    IReadOnlyList<StoredTensor> Tensors,
    IReadOnlyDictionary<string, string> Metadata
);
