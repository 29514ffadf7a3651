using System.Diagnostics;
using DiffBir.Cluster.Tests.Support;
using DiffBir.Cluster.Working;

namespace DiffBir.Bench.Clusters;

/// <summary>Batches over a real NATS server with real processes, which are killed, stopped and wiped.</summary>
internal static class ClusterBenchmark
{
    private const int StandardCount = 300;
    private const int PoisonCount = 2;
    private const string Delay = "40"; // milliseconds for a photo

    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(200);

    /// <summary>Prints what became of each.</summary>
    /// <returns>0 where nothing is wrong.</returns>
    public static async Task<int> PrintAsync(BenchOptions options)
    {
        if (NatsServer.Missing is { } missing)
        {
            Console.Error.WriteLine(missing);
            return 2;
        }

        var count = (int)(options.Count ?? StandardCount);
        var wrong = 0;
        wrong += await RunAsync("workers killed at each step", count, poison: PoisonCount, KillWorkersAsync);
        wrong += await RunAsync("a worker stopped past its lease", count, poison: 0, StopWorkerAsync);
        wrong += await RunAsync("the server killed, then wiped", count, poison: 0, KillServerAsync);
        wrong += await RunAsync("a feeder killed ten times, then two at once", count, poison: 0, KillFeedersAsync);
        return wrong == 0 ? 0 : 1;
    }

    private static async Task<int> RunAsync(string what, int count, int poison, Func<ClusterScene, Process, Task> harm)
    {
        using var scene = new ClusterScene();
        scene.Photos(count, poison);
        var clock = Stopwatch.StartNew();
        using var feeder = scene.Feed();
        scene.Work(ClusterStub.Nothing, Delay);
        scene.Work(ClusterStub.Nothing, Delay);
        await harm(scene, feeder);
        await feeder.WaitForExitAsync();
        await scene.FeedAsync(); // where the first one was killed
        var wrong = ClusterOracle.Wrong(scene.In, scene.Out);
        Console.WriteLine($"{what}: {count} photos, {poison} poison, {clock.Elapsed.TotalSeconds:f0} s, {wrong.Count} wrong");
        wrong.Take(10).ToList().ForEach(line => Console.WriteLine($"  {line}"));
        return wrong.Count;
    }

    private static async Task KillWorkersAsync(ClusterScene scene, Process feeder)
    {
        foreach (var step in Enum.GetNames<WorkStep>())
        {
            scene.Work(step, Delay);
        }

        // Poison kills those that live; somebody has to be left.
        while (!feeder.HasExited)
        {
            scene.Refill(ClusterStub.Nothing, Delay, workers: 2);
            await Task.Delay(Moment);
        }
    }

    private static async Task StopWorkerAsync(ClusterScene scene, Process _)
    {
        var victim = scene.Work(ClusterStub.Nothing, Delay);
        await scene.UntilAsync(records: 20);
        ClusterScene.Signal(victim, "STOP");
        await Task.Delay(ClusterStub.Rules.Lease * 1.5);
        ClusterScene.Signal(victim, "CONT");
    }

    private static async Task KillServerAsync(ClusterScene scene, Process _)
    {
        foreach (var wipes in new[] { false, true, true })
        {
            await scene.UntilAsync(records: scene.Records + 20);
            scene.Server.Kill();
            if (wipes)
            {
                scene.Server.Wipe();
            }

            await Task.Delay(Moment);
            scene.Server.Restart();
        }
    }

    private static async Task KillFeedersAsync(ClusterScene scene, Process _)
    {
        for (var death = 0; death < 10; death++)
        {
            using var victim = scene.Feed();
            await Task.Delay(Moment * (1 + (death % 4)));
            victim.Kill();
            await victim.WaitForExitAsync();
        }

        await Task.WhenAll(scene.FeedAsync(), scene.FeedAsync());
    }
}
