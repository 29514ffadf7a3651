using DiffBir.Server.Configuration;
using DiffBir.Server.Jobs;
using DiffBir.Server.Storage;

namespace DiffBir.Server.Workers;

/// <summary>Lets workers do the jobs, as many at the same time as whoever runs the server wants.</summary>
internal sealed partial class WorkerPool(
    ServerOptions options,
    JobBoard board,
    Func<Worker> newWorker,
    IHostApplicationLifetime lifetime,
    ILogger<WorkerPool> log
) : BackgroundService
{
    // Work of minutes belongs on threads of its own, not on those that answer requests; and on the same ones for long, since the
    // memory of native code stays with the thread that asked for it.
    // The token of background services comes only when all requests have ended; the lifetime's comes first.
    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken)
    {
        lifetime.ApplicationStopping.Register(StopInOrder);
        return Task.WhenAll(
            Enumerable
                .Range(0, options.Workers)
                .Select(_ =>
                    Task.Factory.StartNew(
                        () => Work(lifetime.ApplicationStopping),
                        CancellationToken.None,
                        TaskCreationOptions.LongRunning,
                        TaskScheduler.Default
                    )
                )
        );
    }

    private void Work(CancellationToken stopping)
    {
        using var worker = newWorker();
        worker.Work(stopping);
    }

    private void StopInOrder()
    {
        try
        {
            board.Stop();
        }
        catch (StorageException error)
        {
            LogStopUnwritten(log, error.Problem);
        }
    }

    [LoggerMessage(
        13,
        LogLevel.Warning,
        "That the server stops could not be written down ({Problem}): the next start takes it for a crash."
    )]
    private static partial void LogStopUnwritten(ILogger log, StorageProblem problem);
}
