namespace DiffBir.Primitives;

/// <summary>A failure the user can act on. Its message is one sentence or two: what, got, allowed, remedy.</summary>
public class DiffBirException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What went wrong, what was given, what is allowed, and the remedy.</param>
    /// <param name="innerException">The cause, if another exception led here.</param>
    public DiffBirException(string message, Exception? innerException = null)
        : base(message, innerException) { }
}

/// <summary>A tensor or a layer has another shape than the one required.</summary>
public sealed class ShapeException(string message) : DiffBirException(message);
