namespace DiffBir.Cluster.Nats;

/// <summary>What things are called on the server. Everything of one batch is in one stream: withdrawing it is deleting that.</summary>
internal static class NatsNames
{
    /// <summary>The one consumer of a batch's jobs, which all workers share.</summary>
    public const string Consumer = "workers";

    /// <summary>Where workers answer who they are.</summary>
    public const string Workers = "diffbir.workers";

    /// <summary>Descriptions of all batches.</summary>
    public const string AllDescriptions = "diffbir.batch.*";

    private const string StreamPrefix = "DIFFBIR-";

    /// <summary>A batch's stream.</summary>
    public static string Stream(string batch) => StreamPrefix + batch;

    /// <summary>A batch's description: one message, which no consumer takes.</summary>
    public static string Description(string batch) => $"diffbir.batch.{batch}";

    /// <summary>A job, one message at most.</summary>
    public static string Job(string batch, string job) => $"diffbir.job.{batch}.{job}";

    /// <summary>All jobs of a batch.</summary>
    public static string Jobs(string batch) => Job(batch, "*");

    /// <summary>The batch of a stream; null for streams of others.</summary>
    public static string? BatchOf(string stream) =>
        stream.StartsWith(StreamPrefix, StringComparison.Ordinal) ? stream[StreamPrefix.Length..] : null;
}
