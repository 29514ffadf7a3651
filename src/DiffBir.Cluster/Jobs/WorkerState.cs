namespace DiffBir.Cluster.Jobs;

/// <summary>What a worker says of itself.</summary>
internal sealed record WorkerState
{
    /// <summary>Its name: machine and process.</summary>
    public required string Name { get; init; }

    /// <summary>How many photos it restores at the same time.</summary>
    public required int Slots { get; init; }

    /// <summary>The photos that it restores now.</summary>
    public required IReadOnlyList<string> Running { get; init; }

    /// <summary>How far it is with them, by the same paths; those are missing of which nothing is known yet.</summary>
    public IReadOnlyDictionary<string, JobProgress> Progress { get; init; } = new Dictionary<string, JobProgress>();

    /// <summary>How many it has restored.</summary>
    public required long Done { get; init; }

    /// <summary>Whether it takes no more.</summary>
    public bool IsDraining { get; init; }

    /// <summary>Batches that it does not take, each with the reason.</summary>
    public required IReadOnlyDictionary<string, string> Refused { get; init; }
}
