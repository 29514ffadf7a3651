using DiffBir.Server.Api;

namespace DiffBir.Server.Jobs;

/// <summary>Takes one job after the other and brings it to its end, whatever that is.</summary>
internal sealed partial class RestorationWorker(
    ServerOptions options,
    JobBoard board,
    Func<JobRunner> newRunner,
    TimeProvider time,
    ILogger<RestorationWorker> log
) : BackgroundService
{
    /// <summary>How long networks stay loaded where nobody asks for anything.</summary>
    private static readonly TimeSpan WarmFor = TimeSpan.FromMinutes(5);

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(Enumerable.Range(0, options.Workers).Select(_ => WorkAsync(stoppingToken)));

    private async Task WorkAsync(CancellationToken stopping)
    {
        using var runner = newRunner();
        try
        {
            while (true)
            {
                var next = board.TakeAsync(stopping);
                try
                {
                    await next.WaitAsync(WarmFor, time, stopping);
                }
                catch (TimeoutException)
                {
                    runner.Cool();
                }

                using var job = await next;
                // Work of minutes belongs on a thread of its own, not on one that answers requests.
                await Task.Factory.StartNew(
                    () => Run(runner, job, stopping),
                    CancellationToken.None,
                    TaskCreationOptions.LongRunning,
                    TaskScheduler.Default
                );
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The job that ran is still marked as running: the next start begins it again.
        }
    }

    private void Run(JobRunner runner, LiveJob live, CancellationToken stopping)
    {
        using var limit = new CancellationTokenSource(options.TimeLimit, time);
        using var any = CancellationTokenSource.CreateLinkedTokenSource(
            stopping,
            live.Cancellation,
            limit.Token
        );
        var id = live.Job.Id.ToString();
        try
        {
            LogStarted(log, id);
            var output = runner.Run(live, any.Token);
            board.Finish(live, job => job with { State = JobState.Done, Output = output });
            LogDone(log, id, live.Job.Taken);
        }
        catch (Exception error)
        {
            // What failed may have left networks in a state that nobody tested.
            runner.Cool();
            if (live.Cancellation.IsCancellationRequested)
            {
                board.Finish(live, job => job with { State = JobState.Cancelled });
                LogCancelled(log, id);
            }
            else if (stopping.IsCancellationRequested)
            {
                throw;
            }
            else
            {
                var reason = JobFailure.Of(error, limit.IsCancellationRequested, options);
                board.Finish(live, job => job with { State = JobState.Failed, Error = reason });
                LogFailed(log, id, reason.Code, error);
            }
        }
    }

    [LoggerMessage(4, LogLevel.Information, "Job {Id} started.")]
    private static partial void LogStarted(ILogger log, string id);

    [LoggerMessage(5, LogLevel.Information, "Job {Id} is done after {Taken}.")]
    private static partial void LogDone(ILogger log, string id, TimeSpan? taken);

    [LoggerMessage(6, LogLevel.Information, "Job {Id} was cancelled.")]
    private static partial void LogCancelled(ILogger log, string id);

    [LoggerMessage(7, LogLevel.Warning, "Job {Id} failed: {Code}.")]
    private static partial void LogFailed(ILogger log, string id, string code, Exception error);
}
