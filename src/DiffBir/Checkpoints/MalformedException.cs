namespace DiffBir.Checkpoints;

/// <summary>What a reader found wrong, and the remedy; <see cref="Checkpoint.Open"/> adds the file's name.</summary>
internal sealed class MalformedException(string what) : Exception(what)
{
    /// <summary>Something no program writes: the file was changed on its way, by accident or on purpose.</summary>
    public static MalformedException Damaged(string what) => new($"{what}; it is damaged, so download it again");
}
