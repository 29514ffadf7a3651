namespace DiffBir.Bench.Mutations;

/// <summary>A reader and damaged files for it.</summary>
internal abstract class MutationTarget : IDisposable
{
    /// <summary>What may be targeted.</summary>
    public static readonly IReadOnlyList<string> Kinds = ["checkpoints", "images"];

    /// <summary>Bytes that one case may take at most beyond what the reader held before.</summary>
    public abstract long AllowedBytes { get; }

    /// <param name="kind">One of <see cref="Kinds"/>.</param>
    /// <param name="files">Files that are damaged beside the generated ones.</param>
    public static MutationTarget Of(string kind, IReadOnlyList<string> files) =>
        kind == "checkpoints" ? new CheckpointMutations(files) : new ImageMutations(files);

    /// <summary>Makes the damaged file of a seed; the same seed and files give the same bytes.</summary>
    public abstract void Damage(ulong seed);

    /// <summary>Reads the damaged file whole.</summary>
    /// <returns>Null when it was read; else what the reader told the user.</returns>
    /// <remarks>Exceptions that the reader does not document pass.</remarks>
    public abstract string? Read();

    /// <summary>Bytes that the last reading took, as exactly as can be told.</summary>
    public abstract long BytesTaken { get; }

    /// <inheritdoc/>
    public abstract void Dispose();
}
