using DiffBir.Cluster.Queues;
using DiffBir.Cluster.Tests.Support;
using DiffBir.Cluster.Working;

namespace DiffBir.Cluster.Tests.Nats;

/// <summary>Whole batches over a real server, which is killed and wiped in the middle.</summary>
public sealed class NatsBatchTests
{
    private static readonly QueueRules Rules = new() { Lease = TimeSpan.FromSeconds(1) };

    [NatsFact]
    public async Task Several_workers_give_each_photo_one_result()
    {
        using var server = new NatsServer();
        await using var queue = await server.ConnectAsync(Rules);
        using var bench = new ClusterBench(queue);
        bench.Photos(30);
        _ = bench.StartWorker(new StubEngine(), "one");
        _ = bench.StartWorker(new StubEngine(), "two");

        (await bench.FeedAsync()).Failed.ShouldBe(0);

        bench.ShouldBeWhole();
        bench.ShouldBeTidy();
    }

    [NatsFact]
    public async Task A_worker_that_is_dead_loses_its_photo_after_the_lease_and_another_restores_it()
    {
        using var server = new NatsServer();
        await using var queue = await server.ConnectAsync(Rules);
        using var bench = new ClusterBench(queue) { Heartbeat = TimeSpan.FromHours(1) };
        bench.Photos(4);
        _ = bench.StartWorkerThatDies(WorkStep.Committed, out var died);
        var feeding = bench.FeedAsync();
        await died.Task.WaitAsync(ClusterBench.Patience);

        _ = bench.StartWorker(new StubEngine(), "other");

        (await feeding).Failed.ShouldBe(0);
        bench.ShouldBeWhole();
        bench.ShouldBeTidy();
    }

    [NatsFact]
    public async Task A_photo_whose_time_is_longer_than_the_lease_is_kept_by_signs_of_life()
    {
        // A lease that a busy machine's pauses do not outlast.
        var lease = TimeSpan.FromSeconds(4);
        using var server = new NatsServer();
        await using var queue = await server.ConnectAsync(new QueueRules { Lease = lease });
        using var bench = new ClusterBench(queue) { Heartbeat = lease / 20 };
        bench.Photos(1);
        var engine = new StubEngine { Before = (_, _) => Thread.Sleep(lease * 1.5) };
        _ = bench.StartWorker(engine, "one");
        _ = bench.StartWorker(engine, "two");

        (await bench.FeedAsync()).Failed.ShouldBe(0);

        engine.Runs.Values.ShouldBe([1]);
        bench.ShouldBeWhole();
    }

    [NatsFact]
    public async Task A_worker_that_is_told_to_end_while_the_server_is_away_ends()
    {
        using var server = new NatsServer();
        await using var queue = await server.ConnectAsync(Rules);
        using var bench = new ClusterBench(queue);
        bench.Photos(1);
        using var stop = new CancellationTokenSource();
        var begun = new TaskCompletionSource();
        var slow = new StubEngine
        {
            Before = (_, _) => begun.TrySetResult(),
            Wait = token => token.WaitHandle.WaitOne(ClusterBench.Patience),
        };
        var worker = bench.StartWorker(slow, stop: stop.Token);
        var feeding = bench.FeedAsync();
        await begun.Task.WaitAsync(ClusterBench.Patience);

        server.Kill();
        await stop.CancelAsync();

        await worker.WaitAsync(ClusterBench.Patience / 2);
        server.Restart();
        _ = bench.StartWorker(new StubEngine(), "next");
        (await feeding).Failed.ShouldBe(0);
        bench.ShouldBeWhole();
    }

    [NatsFact]
    [Trait("Category", "Slow")]
    public async Task A_server_that_is_killed_and_wiped_under_load_costs_no_photo()
    {
        using var server = new NatsServer();
        await using var queue = await server.ConnectAsync(Rules);
        using var bench = new ClusterBench(queue);
        bench.Photos(60);
        _ = bench.StartWorker(new StubEngine { Before = (_, _) => Thread.Sleep(50) });
        var feeding = bench.FeedAsync();
        foreach (var wipes in new[] { false, true })
        {
            var before = bench.Records.Count;
            while (bench.Records.Count < before + 10)
            {
                await Task.Delay(50);
            }

            server.Kill();
            if (wipes)
            {
                server.Wipe();
            }

            await Task.Delay(500);
            server.Restart();
        }

        (await feeding).Failed.ShouldBe(0);
        bench.ShouldBeWhole();
    }
}
