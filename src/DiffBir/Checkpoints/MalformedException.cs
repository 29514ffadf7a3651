namespace DiffBir.Checkpoints;

/// <summary>What a reader found wrong; <see cref="Checkpoint.Open"/> adds the file's name.</summary>
internal sealed class MalformedException(string what) : Exception(what);
