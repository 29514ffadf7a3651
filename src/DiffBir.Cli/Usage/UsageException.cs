namespace DiffBir.Cli.Usage;

/// <summary>A command line that cannot be carried out; the message names the option and the remedy.</summary>
internal sealed class UsageException(string message) : DiffBirException(message);
