namespace DiffBir.Server.Jobs;

/// <summary>What the server has taken as much of as it may.</summary>
internal enum Overload
{
    /// <summary>Photos that wait.</summary>
    Queue,

    /// <summary>Disk for photos and results.</summary>
    Disk,
}

/// <summary>The server takes no more photos at the moment.</summary>
/// <param name="what">What is full.</param>
/// <param name="message">A sentence for whoever sent a photo.</param>
/// <param name="retryAfter">When there may be room.</param>
internal sealed class OverloadException(Overload what, string message, TimeSpan retryAfter) : DiffBirException(message)
{
    public Overload What => what;

    public TimeSpan RetryAfter => retryAfter;
}
