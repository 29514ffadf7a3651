using DiffBir.Cluster.Jobs;

namespace DiffBir.Cluster.Working;

/// <summary>Makes a job's results.</summary>
internal interface IJobEngine
{
    /// <summary>Why this worker must not take a batch, in a sentence; null where it may.</summary>
    string? Refusal(BatchDescription batch, CancellationToken cancellation);

    /// <summary>Makes the results of one job. Several may run at the same time, each in its slot.</summary>
    /// <param name="task">What is to be made.</param>
    /// <param name="cancellation">Gives it up.</param>
    /// <exception cref="PermanentException">It cannot be made, however often it is tried; anything else may pass.</exception>
    void Run(JobTask task, CancellationToken cancellation);
}

/// <summary>What an engine is asked for.</summary>
/// <param name="Batch">The batch.</param>
/// <param name="Job">The job.</param>
/// <param name="Photo">The job's photo, as a file of this machine.</param>
/// <param name="Drafts">Paths to write the results to, one for each of the job's outputs.</param>
/// <param name="Slot">Which of the worker's slots it is, from 0: networks that are loaded stay with it.</param>
internal sealed record JobTask(BatchDescription Batch, Job Job, string Photo, IReadOnlyList<string> Drafts, int Slot)
{
    /// <summary>Hears how far it is, on the working thread.</summary>
    public Action<JobProgress> Report { get; init; } = _ => { };
}

/// <summary>A job that cannot be done, however often it is tried.</summary>
internal sealed class PermanentException(string message, Exception? innerException = null)
    : DiffBirException(message, innerException);
