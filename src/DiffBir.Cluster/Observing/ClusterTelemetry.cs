using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace DiffBir.Cluster.Observing;

/// <summary>What a cluster says to whoever listens, by .NET's own sources; where nobody does, it costs next to nothing.</summary>
/// <remarks>No name of a photo is said: jobs are named by number.</remarks>
internal static class ClusterTelemetry
{
    /// <summary>The name of the source of activities, and of the meter.</summary>
    public const string Name = "DiffBir.Cluster";

    /// <summary>The header of a message that says which activity fed it (W3C trace context).</summary>
    public const string TraceParent = "traceparent";

    private const string Job = "diffbir.job";
    private const string Batch = "diffbir.batch";
    private const string Outcome = "outcome";

    private static readonly ActivitySource Source = new(Name);
    private static readonly Meter ClusterMeter = new(Name);

    private static readonly Counter<long> Fed = ClusterMeter.CreateCounter<long>(
        "diffbir.cluster.fed",
        "{job}",
        "Jobs that a feeder has put into the queue."
    );

    private static readonly Histogram<double> Duration = ClusterMeter.CreateHistogram<double>(
        "diffbir.cluster.job.duration",
        "s",
        "From the queue to the record, by outcome: restored, failed, passed on, handed back."
    );

    /// <summary>The feeding of a job, which its restoration belongs to.</summary>
    public static Activity? Feed(string batch, string job)
    {
        Fed.Add(1);
        return Tagged(Source.StartActivity("diffbir feed", ActivityKind.Producer), batch, job);
    }

    /// <summary>A worker's work on a job.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="job">The job.</param>
    /// <param name="parent">The activity that fed it, as its message says; null: unknown.</param>
    public static Activity? Work(string batch, string job, string? parent) =>
        Tagged(Source.StartActivity("diffbir work", ActivityKind.Consumer, parent), batch, job);

    /// <summary>A part of a job's work: fetch, restore, commit.</summary>
    public static Activity? Part(string name) => Source.StartActivity($"diffbir {name}");

    /// <summary>The end of a job's work.</summary>
    public static void End(Activity? work, string outcome, TimeSpan taken)
    {
        work?.SetTag(Outcome, outcome);
        Duration.Record(taken.TotalSeconds, new KeyValuePair<string, object?>(Outcome, outcome));
    }

    private static Activity? Tagged(Activity? activity, string batch, string job) =>
        activity?.SetTag(Batch, batch).SetTag(Job, job);
}
