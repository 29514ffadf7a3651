namespace DiffBir.Server.Uploads;

/// <summary>What is wrong with an upload.</summary>
internal enum UploadProblem
{
    /// <summary>The form is cut off or damaged, lacks the image, or has too much of something.</summary>
    BrokenForm,

    /// <summary>It is no form.</summary>
    NoForm,

    /// <summary>The file is none of our formats.</summary>
    NoImage,

    /// <summary>The file is damaged.</summary>
    BrokenImage,

    /// <summary>The file has too many bytes, or the image or its result too many pixels.</summary>
    TooLarge,
}

/// <summary>An upload is refused.</summary>
/// <param name="problem">What is wrong with it.</param>
/// <param name="message">A sentence for whoever sent it, with the remedy.</param>
/// <param name="cause">What happened to the connection or the file, if that led here.</param>
internal sealed class UploadException(UploadProblem problem, string message, Exception? cause = null)
    : DiffBirException(message, cause)
{
    /// <summary>What is wrong with it.</summary>
    public UploadProblem Problem => problem;
}
