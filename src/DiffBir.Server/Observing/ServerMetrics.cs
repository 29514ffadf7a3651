using System.Diagnostics.Metrics;
using DiffBir.Restoration;
using DiffBir.Server.Storage;

namespace DiffBir.Server.Observing;

/// <summary>What is measured: numbers about jobs, never whose they are or what they show.</summary>
internal sealed class ServerMetrics
{
    /// <summary>The meter's name.</summary>
    public const string MeterName = "DiffBir.Server";

    private readonly Meter _meter;
    private readonly Histogram<double> _waiting;
    private readonly Histogram<double> _stage;
    private readonly Counter<long> _jobs;

    public ServerMetrics(IMeterFactory meters)
    {
        _meter = meters.Create(MeterName);
        _waiting = _meter.CreateHistogram<double>("diffbir.job.waiting", "s", "How long jobs wait for a worker.");
        _stage = _meter.CreateHistogram<double>("diffbir.stage.duration", "s", "How long the parts of the work take.");
        _jobs = _meter.CreateCounter<long>("diffbir.jobs", "{job}", "Jobs that came to their end, by outcome.");
    }

    /// <summary>Measures what can be looked up at any time.</summary>
    public void Watch(Func<int> queueLength, Func<long> diskBytes)
    {
        _meter.CreateObservableGauge("diffbir.queue.length", queueLength, "{job}", "Jobs that wait.");
        _meter.CreateObservableGauge("diffbir.disk.bytes", diskBytes, "By", "The jobs' files.");
    }

    /// <summary>A worker took a job.</summary>
    public void Waited(TimeSpan time) => _waiting.Record(time.TotalSeconds);

    /// <summary>A part of the work is done.</summary>
    public void Worked(RestorationStage stage, TimeSpan time) =>
        _stage.Record(time.TotalSeconds, KeyValuePair.Create<string, object?>("stage", stage));

    /// <summary>A job came to its end.</summary>
    public void Ended(JobState state) => _jobs.Add(1, KeyValuePair.Create<string, object?>("outcome", state));
}
