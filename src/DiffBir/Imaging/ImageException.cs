namespace DiffBir.Imaging;

/// <summary>An image that cannot be read or written; the message names the file and the remedy.</summary>
/// <param name="message">What went wrong, what was given, what is allowed, and the remedy.</param>
/// <param name="innerException">The cause, if another exception led here.</param>
public sealed class ImageException(string message, Exception? innerException = null) : DiffBirException(message, innerException);
