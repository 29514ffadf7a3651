namespace DiffBir.Server.Storage;

/// <summary>Repeats what the disk or the database refuses, until it succeeds: hours of work are not thrown away for want of room.</summary>
/// <param name="time">The clock.</param>
internal sealed class StorageRetry(TimeProvider time)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    /// <summary>Does something, again and again while it is refused for a reason that passes.</summary>
    /// <param name="act">What to do; it leaves nothing half done.</param>
    /// <param name="passes">Whether the reason passes.</param>
    /// <param name="cancellation">Gives up.</param>
    public T Until<T>(Func<T> act, Predicate<Exception> passes, CancellationToken cancellation)
    {
        for (var pause = FirstPause; ; pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
        {
            try
            {
                return act();
            }
            catch (Exception error) when (passes(error))
            {
                Task.Delay(pause, time, cancellation).GetAwaiter().GetResult();
            }
        }
    }
}
