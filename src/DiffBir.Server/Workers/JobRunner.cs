using DiffBir.Server.Configuration;
using DiffBir.Server.Jobs;
using DiffBir.Server.Storage;

namespace DiffBir.Server.Workers;

/// <summary>Attempts a job, within the time that it may take.</summary>
internal sealed class JobRunner(ServerOptions options, IPhotoWork work, TimeProvider time) : IDisposable
{
    /// <summary>Runs a job to its result, or to the reason why there is none.</summary>
    /// <param name="live">The job.</param>
    /// <param name="stopping">Ends the work within a step, as the server stops.</param>
    /// <exception cref="OperationCanceledException">The server stops; nothing has become of the job.</exception>
    public JobOutcome Run(LiveJob live, CancellationToken stopping)
    {
        using var limit = new CancellationTokenSource(options.TimeLimit, time);
        using var any = CancellationTokenSource.CreateLinkedTokenSource(stopping, live.Cancellation, limit.Token);
        try
        {
            var (output, foundBy) = work.Restore(live, any.Token);
            return new JobOutcome(JobState.Done) { Output = output, FacesFoundBy = foundBy };
        }
        catch (Exception error)
        {
            // What failed may have left networks in a state that nobody tested.
            work.Cool();
            if (live.Cancellation.IsCancellationRequested)
            {
                return new JobOutcome(JobState.Cancelled);
            }

            stopping.ThrowIfCancellationRequested();
            var reason = JobFailure.Of(error, limit.IsCancellationRequested, options);
            return new JobOutcome(JobState.Failed) { Error = reason, Cause = error };
        }
    }

    /// <summary>Frees the networks.</summary>
    public void Cool() => work.Cool();

    /// <inheritdoc/>
    public void Dispose() => work.Dispose();
}
