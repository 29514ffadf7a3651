namespace DiffBir.Cluster.Working;

/// <summary>How a worker works.</summary>
internal sealed record WorkerOptions
{
    /// <summary>Its name: machine and process.</summary>
    public required string Name { get; init; }

    /// <summary>How many photos it restores at the same time.</summary>
    public int Slots { get; init; } = 1;

    /// <summary>How often it says that it still has a job.</summary>
    public TimeSpan Heartbeat { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How long a job that could not be done waits for its next try.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long it may go on with its photos when it is told to end; then it hands them back.</summary>
    public TimeSpan DrainTime { get; init; } = TimeSpan.FromSeconds(25);

    /// <summary>How often it looks for batches.</summary>
    public TimeSpan Look { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long it waits for a job of one batch before it asks for one of the next.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(2);
}
