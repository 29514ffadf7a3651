namespace DiffBir.Server.Jobs;

/// <summary>Deletes jobs that are too old.</summary>
internal sealed partial class Housekeeper(JobBoard board, TimeProvider time, ILogger<Housekeeper> log) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromMinutes(1);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                board.Expire();
            }
            catch (Exception error)
            {
                LogFailed(log, error); // a file that cannot be deleted now can be later
            }
        }
    }

    [LoggerMessage(2, LogLevel.Error, "Old jobs could not be deleted.")]
    private static partial void LogFailed(ILogger log, Exception error);
}
