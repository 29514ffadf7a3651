using System.Diagnostics;
using DiffBir.Cluster.Tests.Support;

namespace DiffBir.Bench.Clusters;

/// <summary>How many photos a second go through, and whether rate and memory stay while the batch goes on.</summary>
internal static class ClusterScale
{
    private const int StandardCount = 600;

    private static readonly string[] Workers = ["1", "2", "4", "8"];
    private static readonly double[] Points = [0.1, 0.5, 0.9, 1];
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    /// <summary>Prints a row for each number of workers.</summary>
    /// <returns>0 where nothing is wrong.</returns>
    public static async Task<int> PrintAsync(BenchOptions options)
    {
        if (NatsServer.Missing is { } missing)
        {
            Console.Error.WriteLine(missing);
            return 2;
        }

        var wrong = 0;
        foreach (var workers in options.Names is { Count: > 0 } names ? names : Workers)
        {
            wrong += await RunAsync(int.Parse(workers), (int)(options.Count ?? StandardCount), options.Delay);
        }

        return wrong == 0 ? 0 : 1;
    }

    private static async Task<int> RunAsync(int workers, int count, int delay)
    {
        using var scene = new ClusterScene();
        scene.Photos(count, poison: 0);
        var clock = Stopwatch.StartNew();
        using var feeder = scene.Feed();
        for (var worker = 0; worker < workers; worker++)
        {
            scene.Work(ClusterStub.Nothing, $"{delay}");
        }

        Console.WriteLine($"{workers} workers, {count} photos, {delay} ms each");
        var (records, seconds, use) = (0, 0.0, scene.UseOf(feeder));
        foreach (var point in Points)
        {
            await scene.UntilAsync((int)(count * point), Look);
            var (before, since, used) = (records, seconds, use);
            (records, seconds, use) = (scene.Records, clock.Elapsed.TotalSeconds, scene.UseOf(feeder));
            Console.WriteLine(
                $"  {records, 7} after {seconds, 5:f0} s, {(records - before) / (seconds - since), 6:f1} a second"
                    + $"; MB of feeder, worker, server: {use.Feeder / 1e6:f0}, {use.Worker / 1e6:f0}, {use.Server / 1e6:f0}"
                    + $"; processor ms a photo: {Each(use.FeederTime - used.FeederTime)}, "
                    + $"{Each(use.WorkerTime - used.WorkerTime)}, {Each(use.ServerTime - used.ServerTime)}"
            );

            string Each(TimeSpan time) => $"{time.TotalMilliseconds / (records - before):f2}";
        }

        await feeder.WaitForExitAsync();
        var wrong = ClusterOracle.Wrong(scene.In, scene.Out);
        Console.WriteLine($"  ended after {clock.Elapsed.TotalSeconds:f0} s, {wrong.Count} wrong");
        return wrong.Count;
    }
}
