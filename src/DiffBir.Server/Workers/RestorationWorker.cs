using DiffBir.Server.Api;
using DiffBir.Server.Configuration;
using DiffBir.Server.Jobs;
using DiffBir.Server.Storage;

namespace DiffBir.Server.Workers;

/// <summary>Takes one job after the other and brings it to its end, whatever that is.</summary>
internal sealed partial class RestorationWorker(
    ServerOptions options,
    JobBoard board,
    Func<JobRunner> newRunner,
    StorageRetry retry,
    IHostApplicationLifetime lifetime,
    TimeProvider time,
    ILogger<RestorationWorker> log
) : BackgroundService
{
    /// <summary>How long networks stay loaded where nobody asks for anything.</summary>
    private static readonly TimeSpan WarmFor = TimeSpan.FromMinutes(5);

    /// <summary>A fault that returns at once does not fill the log.</summary>
    private static readonly TimeSpan AfterFault = TimeSpan.FromSeconds(1);

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

    private void StopInOrder()
    {
        try
        {
            board.Stop();
        }
        catch (StorageException error)
        {
            LogStopUnwritten(log, error); // the next start takes it for a crash
        }
    }

    private void Work(CancellationToken stopping)
    {
        using var runner = newRunner();
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                using var job = retry.Until(() => Take(runner, stopping), error => error is StorageException, stopping);
                Run(runner, job, stopping);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return; // the next start begins the job again that ran
            }
            catch (Exception error)
            {
                // Whatever it is: one job's fault must not keep all others waiting for ever.
                LogLost(log, error);
                stopping.WaitHandle.WaitOne(AfterFault);
            }
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
            Finish(live, job => job with { State = JobState.Done, Output = output }, stopping);
            LogDone(log, id, live.Job.Taken);
        }
        catch (Exception error)
        {
            // What failed may have left networks in a state that nobody tested.
            runner.Cool();
            if (live.Cancellation.IsCancellationRequested)
            {
                Finish(live, job => job with { State = JobState.Cancelled }, stopping);
                LogCancelled(log, id);
            }
            else if (stopping.IsCancellationRequested)
            {
                throw;
            }
            else
            {
                var reason = JobFailure.Of(error, limit.IsCancellationRequested, options);
                Finish(live, job => job with { State = JobState.Failed, Error = reason }, stopping);
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

    /// <summary>Ends a job, as soon as that can be written down.</summary>
    private void Finish(LiveJob live, Func<Job, Job> end, CancellationToken stopping)
    {
        var now = time.GetUtcNow();
        retry.Until(
            () =>
            {
                board.Finish(live, job => end(job) with { Finished = now });
                return true;
            },
            error => error is StorageException,
            stopping
        );
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

    [LoggerMessage(10, LogLevel.Error, "A worker failed between two jobs; it goes on with the next one.")]
    private static partial void LogLost(ILogger log, Exception error);

    [LoggerMessage(13, LogLevel.Warning, "That the server stops could not be written down: the next start takes it for a crash.")]
    private static partial void LogStopUnwritten(ILogger log, Exception error);
}
