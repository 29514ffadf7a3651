using DiffBir.Cluster.Jobs;

namespace DiffBir.Cluster.Queues;

/// <summary>Hands out jobs. It may lose all that it holds at any time: the truth lies in the store.</summary>
/// <remarks>Each call fails with a <see cref="QueueException"/> where the queue does not answer.</remarks>
internal interface IJobQueue : IAsyncDisposable
{
    /// <summary>Makes room for a batch, or finds it made already.</summary>
    Task OpenAsync(BatchDescription batch, CancellationToken cancellation);

    /// <summary>The batches that have room.</summary>
    Task<IReadOnlyList<BatchDescription>> BatchesAsync(CancellationToken cancellation);

    /// <summary>Adds a job.</summary>
    Task<Enqueued> EnqueueAsync(string batch, Job job, CancellationToken cancellation);

    /// <summary>How many jobs of a batch there are; null where there is no such batch, or no longer.</summary>
    Task<QueueState?> StateAsync(string batch, CancellationToken cancellation);

    /// <summary>Jobs of a batch that are in the queue, whatever their state.</summary>
    IAsyncEnumerable<Job> JobsAsync(string batch, CancellationToken cancellation);

    /// <summary>Removes a job, if it is there.</summary>
    Task RemoveAsync(string batch, string job, CancellationToken cancellation);

    /// <summary>Withdraws a batch with all its jobs, if it is there.</summary>
    Task CloseAsync(string batch, CancellationToken cancellation);

    /// <summary>Waits for a job of a batch; null where none comes in time, or the batch is gone.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="patience">How long it waits; none: only what is there now is taken.</param>
    /// <param name="cancellation">Ends the wait.</param>
    Task<ILease?> TakeAsync(string batch, TimeSpan patience, CancellationToken cancellation);

    /// <summary>Answers those who ask for workers, until it is stopped.</summary>
    Task AnswerAsync(Func<WorkerState> state, CancellationToken cancellation);

    /// <summary>The workers that answer within a moment.</summary>
    Task<IReadOnlyList<WorkerState>> WorkersAsync(CancellationToken cancellation);
}

/// <summary>A job that is lent to one worker. Who does not extend it in time loses it, and is not told.</summary>
internal interface ILease
{
    /// <summary>The job; null where what was in the queue is none.</summary>
    Job? Job { get; }

    /// <summary>The activity that fed it (W3C trace context); null: unknown.</summary>
    string? TraceParent { get; }

    /// <summary>Keeps it for another while.</summary>
    Task ExtendAsync(CancellationToken cancellation);

    /// <summary>Removes the job from the queue: a record says what became of it.</summary>
    Task CompleteAsync(CancellationToken cancellation);

    /// <summary>Gives it to the next one.</summary>
    /// <param name="delay">Not before that.</param>
    /// <param name="cancellation">Ends the wait for the queue.</param>
    Task HandBackAsync(TimeSpan delay, CancellationToken cancellation);
}

/// <summary>What became of a job that was to be added.</summary>
internal enum Enqueued
{
    /// <summary>It is in the queue now.</summary>
    Added,

    /// <summary>It was there before.</summary>
    AlreadyThere,

    /// <summary>The queue is full.</summary>
    Full,

    /// <summary>There is no such batch, or no longer.</summary>
    NoBatch,
}

/// <summary>How many jobs of a batch are in the queue.</summary>
/// <param name="All">All of them.</param>
/// <param name="Waiting">Those that nobody has taken yet.</param>
/// <param name="Running">Those that are lent, or wait to be tried again.</param>
internal sealed record QueueState(long All, long Waiting, long Running)
{
    /// <summary>Whether all that is left has been handed out as often as the queue does that: nobody gets it any more.</summary>
    public bool IsExhausted => All > 0 && Waiting + Running == 0;
}

/// <summary>How a queue hands out jobs.</summary>
internal sealed record QueueRules
{
    /// <summary>How long a job is lent without a sign of life.</summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How often a job is handed out.</summary>
    public int MaxDeliveries { get; init; } = 4;

    /// <summary>How many jobs a batch may have in the queue; who feeds waits.</summary>
    public int MaxJobs { get; init; } = 50_000;
}

/// <summary>A queue that does not answer, or answers that something is wrong.</summary>
internal sealed class QueueException(string message, Exception? innerException = null)
    : DiffBirException(message, innerException);
