using DiffBir.Cluster.Nats;
using DiffBir.Cluster.Queues;
using DiffBir.Cluster.Tests.Support;
using DiffBir.Cluster.Working;

namespace DiffBir.Cluster.Tests.Nats;

/// <summary>Workers in processes of their own, which are killed and stopped, over a real server.</summary>
public sealed class WorkerProcessTests : IAsyncLifetime
{
    private static readonly QueueRules Rules = new() { Lease = TimeSpan.FromSeconds(1) };

    private readonly List<IDisposable> _owned = [];
    private NatsQueue? _queue;

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        _owned.Reverse();
        _owned.ForEach(one => one.Dispose());
        await (_queue?.DisposeAsync() ?? ValueTask.CompletedTask);
    }

    [NatsTheory]
    [InlineData(nameof(WorkStep.Begun))]
    [InlineData(nameof(WorkStep.Made))]
    [InlineData(nameof(WorkStep.Committed))]
    [InlineData(nameof(WorkStep.Recorded))]
    public async Task A_worker_that_is_killed_at_any_step_costs_no_photo(string step)
    {
        var (bench, victim) = await StartAsync(Enum.Parse<WorkStep>(step));
        var feeding = bench.FeedAsync();
        await victim.HeldAsync();

        await victim.KillAsync();
        _ = bench.StartWorker(new StubEngine(), "other");

        (await feeding).Failed.ShouldBe(0);
        bench.ShouldBeWhole();
        bench.ShouldBeTidy();
    }

    [NatsTheory]
    [InlineData(nameof(WorkStep.Begun))]
    [InlineData(nameof(WorkStep.Made))]
    [InlineData(nameof(WorkStep.Committed))]
    [InlineData(nameof(WorkStep.Recorded))]
    public async Task A_worker_that_is_stopped_past_its_lease_and_goes_on_later_changes_nothing(string step)
    {
        var (bench, victim) = await StartAsync(Enum.Parse<WorkStep>(step));
        var feeding = bench.FeedAsync();
        await victim.HeldAsync();
        await victim.SignalAsync("STOP");
        _ = bench.StartWorker(new StubEngine(), "other");
        (await feeding).Failed.ShouldBe(0); // others have not waited for it
        var before = bench.Records;

        victim.Release();
        await victim.SignalAsync("CONT");
        var known = await victim.RecordAsync();
        await bench.UntilIdleAsync("process");

        before.Select(record => record.Finished).ShouldContain(known.Finished);
        bench.Records.Select(record => record.Finished).ShouldBe(before.Select(record => record.Finished));
        bench.ShouldBeWhole();
    }

    /// <summary>Three photos, and a worker that comes to a step of the first one.</summary>
    private async Task<(ClusterBench Bench, WorkerProcess Victim)> StartAsync(WorkStep step)
    {
        var server = Own(new NatsServer());
        _queue = await server.ConnectAsync(Rules);
        var bench = Own(new ClusterBench(_queue) { Heartbeat = Rules.Lease / 4 });
        bench.Photos(3);
        return (bench, Own(new WorkerProcess(server, Rules.Lease / 4, step)));
    }

    private T Own<T>(T one)
        where T : IDisposable
    {
        _owned.Add(one);
        return one;
    }
}
