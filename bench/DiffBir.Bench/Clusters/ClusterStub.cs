using System.Diagnostics;
using DiffBir.Cluster.Feeding;
using DiffBir.Cluster.Jobs;
using DiffBir.Cluster.Nats;
using DiffBir.Cluster.Places;
using DiffBir.Cluster.Queues;
using DiffBir.Cluster.Tests.Support;
using DiffBir.Cluster.Working;

namespace DiffBir.Bench.Clusters;

/// <summary>Feeders and workers of a stub engine, each in a process of its own that may be killed.</summary>
internal static class ClusterStub
{
    /// <summary>What the name of a photo begins with that kills its worker.</summary>
    public const string Poison = "poison";

    /// <summary>What workers do not die of.</summary>
    public const string Nothing = "nothing";

    /// <summary>Leases are shorter than in earnest, so that a run takes minutes.</summary>
    public static QueueRules Rules { get; } = new() { Lease = TimeSpan.FromSeconds(3) };

    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(500);

    /// <summary>The batch of two folders.</summary>
    public static BatchDescription Batch(string input, string output) =>
        BatchDescription.Of(
            [input],
            output,
            new Recipe
            {
                Version = "bench",
                Model = "stub",
                Weights = "none",
                Options = [],
            }
        );

    /// <summary>Works until it is killed: URL, name, the step to die at, milliseconds for a photo.</summary>
    public static async Task<int> WorkAsync(BenchOptions options)
    {
        var (url, name, die, delay) = (options.Names[0], options.Names[1], options.Names[2], int.Parse(options.Names[3]));
        await using var queue = await NatsQueue.ConnectAsync(NatsAddress.Parse(url), Rules, name);
        var engine = new StubEngine
        {
            Before = (task, _) =>
            {
                if (task.Job.Outputs[0].StartsWith(Poison, StringComparison.Ordinal))
                {
                    Die();
                }

                Thread.Sleep(delay);
            },
        };
        var events = new WorkEvents
        {
            OnStep = (step, _) =>
            {
                if ($"{step}" == die)
                {
                    Die();
                }

                return Task.CompletedTask;
            },
        };
        var worker = new WorkerOptions
        {
            Name = name,
            Heartbeat = Rules.Lease / 4,
            RetryDelay = LookInterval,
            Look = LookInterval,
            Patience = TimeSpan.FromSeconds(1),
        };
        using var places = ClusterPlaces.FromEnvironment(Path.GetTempPath());
        var parts = new WorkerParts(queue, engine, places, TimeProvider.System);
        await new Worker(parts, worker, events).RunAsync(CancellationToken.None);
        return 0;
    }

    /// <summary>Feeds until the end: URL, folder of photos, folder of results.</summary>
    public static async Task<int> FeedAsync(BenchOptions options)
    {
        var (url, input, output) = (options.Names[0], options.Names[1], options.Names[2]);
        await using var queue = await NatsQueue.ConnectAsync(NatsAddress.Parse(url), Rules, "feeder");
        var plan = new FeedPlan
        {
            Batch = Batch(input, output),
            Items = () =>
                Directory.EnumerateFiles(input).Select(path => new FeedItem(path, [Path.GetFileName(path)])).ToAsyncEnumerable(),
            Look = LookInterval,
        };
        using var places = ClusterPlaces.FromEnvironment(Path.GetTempPath());
        var display = new FeedSummary();
        var failed = await new Feeder(plan, new FeedParts(queue, places, TimeProvider.System), display).RunAsync(
            CancellationToken.None
        );
        Console.WriteLine(
            $"fed {display.Reported} photos, {failed} failed, {display.Passes} passes, peak {PeakMemory.Highest() / 1e6:f0} MB"
        );
        return 0;
    }

    /// <summary>Starts a benchmark's part in a process of its own.</summary>
    public static Process Start(params string[] arguments) =>
        Process.Start(new ProcessStartInfo(Environment.ProcessPath!, arguments) { UseShellExecute = false })!;

    private static void Die()
    {
        using var self = Process.GetCurrentProcess();
        self.Kill(); // as kill -9 does
    }

    private sealed class FeedSummary : IFeedDisplay
    {
        public long Reported { get; private set; }

        public int Passes { get; private set; }

        public void Show(FeedProgress progress) => Passes = progress.Pass;

        public void Tell(string sentence) => Console.WriteLine(sentence);

        public void Report(FeedResult result) => Reported++;
    }
}
