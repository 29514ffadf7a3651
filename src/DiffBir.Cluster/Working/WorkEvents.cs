using DiffBir.Cluster.Jobs;

namespace DiffBir.Cluster.Working;

/// <summary>What a worker's caller wants to hear.</summary>
internal sealed record WorkEvents
{
    /// <summary>Hears how far a job is, before it goes on.</summary>
    public Func<WorkStep, Job, Task> OnStep { get; init; } = (_, _) => Task.CompletedTask;

    /// <summary>Hears how far the work on a job is, on the working thread.</summary>
    public Action<Job, JobProgress> OnProgress { get; init; } = (_, _) => { };

    /// <summary>Hears what became of a job.</summary>
    public Action<JobRecord> OnRecord { get; init; } = _ => { };

    /// <summary>Hears sentences for people.</summary>
    public Action<string> OnTell { get; init; } = _ => { };
}

/// <summary>Points on a job's way at which its worker may die.</summary>
internal enum WorkStep
{
    /// <summary>The job is taken, and the try at it noted.</summary>
    Begun,

    /// <summary>Its results are drafts.</summary>
    Made,

    /// <summary>Its results have their names.</summary>
    Committed,

    /// <summary>Its record is written; the queue does not know yet.</summary>
    Recorded,
}
