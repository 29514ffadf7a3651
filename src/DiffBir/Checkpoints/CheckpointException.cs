namespace DiffBir.Checkpoints;

/// <summary>A checkpoint file that is damaged, hostile, of an unknown format, or lacks what was asked of it.</summary>
/// <param name="message">One sentence: which file, what is wrong, and the remedy.</param>
/// <param name="innerException">The cause, if another exception led here.</param>
public sealed class CheckpointException(string message, Exception? innerException = null)
    : DiffBirException(message, innerException);
