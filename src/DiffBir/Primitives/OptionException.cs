namespace DiffBir.Primitives;

/// <summary>An option has a value that is not allowed.</summary>
/// <param name="message">What was given, what is allowed, and the remedy.</param>
/// <param name="option">The option's name, without dashes.</param>
public sealed class OptionException(string message, string option) : DiffBirException(message)
{
    /// <summary>The option's name, without dashes.</summary>
    public string Option => option;
}
