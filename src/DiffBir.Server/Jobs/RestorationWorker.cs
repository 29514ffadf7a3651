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

    // Work of minutes belongs on threads of its own, not on those that answer requests; and on the same ones for long, since the
    // memory of native code stays with the thread that asked for it.
    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(
            Enumerable
                .Range(0, options.Workers)
                .Select(_ =>
                    Task.Factory.StartNew(
                        () => Work(stoppingToken),
                        CancellationToken.None,
                        TaskCreationOptions.LongRunning,
                        TaskScheduler.Default
                    )
                )
        );

    private void Work(CancellationToken stopping)
    {
        using var runner = newRunner();
        try
        {
            while (true)
            {
                using var job = Take(runner, stopping);
                try
                {
                    Run(runner, job, stopping);
                }
                catch (Exception error) when (!stopping.IsCancellationRequested)
                {
                    // Not even its end could be written down; the next start begins it again.
                    LogLost(log, job.Job.Id.ToString(), error);
                }
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The job that ran is still marked as running: the next start begins it again.
        }
    }

    private LiveJob Take(JobRunner runner, CancellationToken stopping)
    {
        var next = board.TakeAsync(stopping);
        try
        {
            return next.WaitAsync(WarmFor, time, stopping).GetAwaiter().GetResult();
        }
        catch (TimeoutException)
        {
            runner.Cool();
            return next.GetAwaiter().GetResult();
        }
    }

    private void Run(JobRunner runner, LiveJob live, CancellationToken stopping)
    {
        using var limit = new CancellationTokenSource(options.TimeLimit, time);
        using var any = CancellationTokenSource.CreateLinkedTokenSource(stopping, live.Cancellation, limit.Token);
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
                if (reason.Code == ErrorCode.Internal)
                {
                    LogFailure(log, id, error);
                }
                else
                {
                    LogRefused(log, id, reason.Code); // the message is its owner's
                }
            }
        }
    }

    [LoggerMessage(4, LogLevel.Information, "Job {Id} started.")]
    private static partial void LogStarted(ILogger log, string id);

    [LoggerMessage(5, LogLevel.Information, "Job {Id} is done after {Taken}.")]
    private static partial void LogDone(ILogger log, string id, TimeSpan? taken);

    [LoggerMessage(6, LogLevel.Information, "Job {Id} was cancelled.")]
    private static partial void LogCancelled(ILogger log, string id);

    [LoggerMessage(7, LogLevel.Information, "Job {Id} failed: {Code}.")]
    private static partial void LogRefused(ILogger log, string id, string code);

    [LoggerMessage(9, LogLevel.Error, "Job {Id} failed for a reason that is the server's own.")]
    private static partial void LogFailure(ILogger log, string id, Exception error);

    [LoggerMessage(10, LogLevel.Error, "What became of job {Id} could not be written down.")]
    private static partial void LogLost(ILogger log, string id, Exception error);
}
