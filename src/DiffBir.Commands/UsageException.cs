namespace DiffBir.Commands;

/// <summary>A command line that cannot be carried out; the message names the option and the remedy.</summary>
internal sealed class UsageException(string message) : DiffBirException(message);

/// <summary>A failure in the middle of the work, which is no matter of how it was asked for.</summary>
internal sealed class WorkException(string message, Exception? innerException = null) : DiffBirException(message, innerException);
