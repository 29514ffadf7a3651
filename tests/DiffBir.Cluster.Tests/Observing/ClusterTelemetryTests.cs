using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using DiffBir.Cluster.Observing;
using DiffBir.Cluster.Tests.Support;

namespace DiffBir.Cluster.Tests.Observing;

/// <summary>Whoever listens sees a photo's way from the feeder through the queue to the store.</summary>
public sealed class ClusterTelemetryTests
{
    [Fact]
    public async Task A_photos_way_is_one_trace_through_a_queue_in_memory() => await ShouldBeOneTraceAsync(new ClusterBench());

    [NatsFact]
    public async Task A_photos_way_is_one_trace_through_a_real_server()
    {
        using var server = new NatsServer();
        await using var queue = await server.ConnectAsync();

        await ShouldBeOneTraceAsync(new ClusterBench(queue));
    }

    private static async Task ShouldBeOneTraceAsync(ClusterBench bench)
    {
        var (ended, durations) = (new ConcurrentQueue<Activity>(), new ConcurrentQueue<string>());
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == ClusterTelemetry.Name,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = ended.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        using var meters = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Name == "diffbir.cluster.job.duration")
                {
                    self.EnableMeasurementEvents(instrument);
                }
            },
        };
        meters.SetMeasurementEventCallback<double>((_, _, tags, _) => durations.Enqueue($"{tags[0].Value}"));
        meters.Start();
        using (bench)
        {
            bench.Photo("grandmother.png", "photo");
            _ = bench.StartWorker(new StubEngine());
            await bench.FeedAsync();
        }

        bool IsOurs(Activity activity) => Equals(activity.GetTagItem("diffbir.batch"), bench.Batch.Id); // other tests run beside this one
        var feed = ended.Single(activity => activity.OperationName == "diffbir feed" && IsOurs(activity));
        var work = ended.Single(activity => activity.OperationName == "diffbir work" && IsOurs(activity));
        work.ParentId.ShouldBe(feed.Id);
        work.GetTagItem("outcome").ShouldBe("restored");
        ended
            .Where(activity => activity.ParentId == work.Id)
            .Select(activity => activity.OperationName)
            .ShouldBe(["diffbir fetch", "diffbir restore", "diffbir commit"]);
        durations.ShouldContain("restored");
        ended
            .Where(IsOurs)
            .SelectMany(activity => activity.TagObjects)
            .ShouldAllBe(tag => !$"{tag.Value}".Contains("grandmother", StringComparison.Ordinal));
    }
}
