namespace DiffBir.Imaging;

/// <summary>How parts of an image are worked on side by side.</summary>
internal static class Strips
{
    /// <summary>
    /// As many at a time as there are processors. Without a bound, threads that wait for a scratch file would call for further
    /// threads, each with buffers of its own.
    /// </summary>
    public static ParallelOptions OnEveryCore { get; } = Until(CancellationToken.None);

    /// <summary>The same, until it is cancelled.</summary>
    public static ParallelOptions Until(CancellationToken cancellation) =>
        new() { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancellation };
}
