namespace DiffBir.Server.Storage;

/// <summary>Repeats what the disk or the database refuses, until it succeeds: hours of work are not thrown away for want of room.</summary>
/// <param name="time">The clock.</param>
/// <param name="log">What hears that something waits.</param>
internal sealed partial class StorageRetry(TimeProvider time, ILogger<StorageRetry> log)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan MaxPause = TimeSpan.FromSeconds(5);

    /// <summary>Does something, again and again while it is refused for a reason that passes.</summary>
    /// <param name="what">What the log calls it.</param>
    /// <param name="act">What to do; it leaves nothing half done.</param>
    /// <param name="cancellation">Gives up.</param>
    public T Until<T>(string what, Func<T> act, CancellationToken cancellation)
    {
        for (var pause = FirstPause; ; pause = pause * 2 < MaxPause ? pause * 2 : MaxPause)
        {
            try
            {
                return act();
            }
            catch (Exception error) when (Refusal(error) is { } refusal)
            {
                if (pause == FirstPause)
                {
                    LogWaits(log, what, refusal.Problem);
                }

                Task.Delay(pause, time, cancellation).GetAwaiter().GetResult();
            }
        }
    }

    /// <inheritdoc cref="Until{T}"/>
    public void Until(string what, Action act, CancellationToken cancellation) =>
        Until(
            what,
            () =>
            {
                act();
                return true;
            },
            cancellation
        );

    // A full disk also hides behind the errors of those who write images.
    private static StorageException? Refusal(Exception error) => error as StorageException ?? StorageException.FullBehind(error);

    [LoggerMessage(14, LogLevel.Warning, "{What} waits until the disk and the database take it ({Problem}).")]
    private static partial void LogWaits(ILogger log, string what, StorageProblem problem);
}
