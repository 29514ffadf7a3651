using DiffBir.Server.Jobs;
using DiffBir.Server.Storage;

namespace DiffBir.Server.Workers;

/// <summary>Takes one job after the other and brings it to its end, whatever that is.</summary>
internal sealed partial class Worker(JobBoard board, JobRunner runner, StorageRetry retry, TimeProvider time, ILogger<Worker> log)
    : IDisposable
{
    /// <summary>How long networks stay loaded where nobody asks for anything.</summary>
    private static readonly TimeSpan WarmFor = TimeSpan.FromMinutes(5);

    /// <summary>A fault that returns at once does not fill the log.</summary>
    private static readonly TimeSpan AfterFault = TimeSpan.FromSeconds(1);

    /// <summary>Works until the server stops.</summary>
    public void Work(CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                using var job = retry.Until("The next job", () => Take(stopping), stopping);
                Run(job, stopping);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return; // the next start begins the job again that ran
            }
            catch (Exception error)
            {
                // Whatever it is: one job's fault must not keep all others waiting for ever.
                LogFault(log, error);
                stopping.WaitHandle.WaitOne(AfterFault);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => runner.Dispose();

    private LiveJob Take(CancellationToken stopping)
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

    private void Run(LiveJob live, CancellationToken stopping)
    {
        var id = live.Job.Id.ToString();
        LogStarted(log, id);
        var outcome = runner.Run(live, stopping);
        var now = time.GetUtcNow();
        retry.Until($"The end of job {id}", () => board.Finish(live, job => outcome.Of(job) with { Finished = now }), stopping);
        switch (outcome)
        {
            case { State: JobState.Done }:
                LogDone(log, id, live.Job.Taken);
                break;
            case { State: JobState.Cancelled }:
                LogCancelled(log, id);
                break;
            case { Error.Code: JobErrorCode.Internal }:
                LogFailure(log, id, outcome.Cause);
                break;
            default:
                LogRefused(log, id, outcome.Error?.Code); // the message is its owner's
                break;
        }
    }

    [LoggerMessage(4, LogLevel.Information, "Job {Id} started.")]
    private static partial void LogStarted(ILogger log, string id);

    [LoggerMessage(5, LogLevel.Information, "Job {Id} is done after {Taken}.")]
    private static partial void LogDone(ILogger log, string id, TimeSpan? taken);

    [LoggerMessage(6, LogLevel.Information, "Job {Id} was cancelled.")]
    private static partial void LogCancelled(ILogger log, string id);

    [LoggerMessage(7, LogLevel.Information, "Job {Id} failed: {Code}.")]
    private static partial void LogRefused(ILogger log, string id, JobErrorCode? code);

    [LoggerMessage(9, LogLevel.Error, "Job {Id} failed for a reason that is the server's own.")]
    private static partial void LogFailure(ILogger log, string id, Exception? error);

    [LoggerMessage(10, LogLevel.Error, "A worker failed between two jobs; it goes on with the next one.")]
    private static partial void LogFault(ILogger log, Exception error);
}
