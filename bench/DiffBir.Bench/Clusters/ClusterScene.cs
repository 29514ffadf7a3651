using System.Diagnostics;
using DiffBir.Cluster.Stores;
using DiffBir.Cluster.Tests.Support;

namespace DiffBir.Bench.Clusters;

/// <summary>A server, folders of photos and results, and the processes that work with them.</summary>
internal sealed class ClusterScene : IDisposable
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(50);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("diffbir-bench-cluster-");
    private readonly List<Process> _workers = [];

    public NatsServer Server { get; } = new();

    public string In => Directory.CreateDirectory(Path.Combine(_folder.FullName, "in")).FullName;

    public string Out => Directory.CreateDirectory(Path.Combine(_folder.FullName, "out")).FullName;

    /// <summary>How many photos have a record.</summary>
    public int Records =>
        Directory.Exists(Path.Combine(Out, Layout.Records))
            ? Directory.EnumerateFiles(Path.Combine(Out, Layout.Records)).Count()
            : 0;

    /// <summary>Sends a process a signal.</summary>
    public static void Signal(Process process, string signal)
    {
        using var kill = Process.Start("kill", ["-s", signal, $"{process.Id}"]);
        kill.WaitForExit();
    }

    public void Photos(int count, int poison)
    {
        for (var number = 0; number < count; number++)
        {
            File.WriteAllText(Path.Combine(In, $"{number:000000}.png"), $"photo {number}");
        }

        for (var number = 0; number < poison; number++)
        {
            File.WriteAllText(Path.Combine(In, $"{ClusterStub.Poison}-{number}.png"), $"poison {number}");
        }
    }

    /// <summary>Starts a feeder.</summary>
    public Process Feed() => ClusterStub.Start("cluster-feed", Server.Url, In, Out);

    /// <summary>Feeds to the end.</summary>
    public async Task FeedAsync()
    {
        using var feeder = Feed();
        await feeder.WaitForExitAsync();
    }

    /// <summary>Starts a worker that dies at a step.</summary>
    public Process Work(string die, string delay)
    {
        var worker = ClusterStub.Start("cluster-worker", Server.Url, $"worker-{_workers.Count}", die, delay);
        _workers.Add(worker);
        return worker;
    }

    /// <summary>Starts workers in the place of dead ones.</summary>
    public void Refill(string die, string delay, int workers)
    {
        for (var alive = _workers.Count(worker => !worker.HasExited); alive < workers; alive++)
        {
            Work(die, delay);
        }
    }

    /// <summary>Waits until so many photos have a record.</summary>
    /// <param name="records">How many.</param>
    /// <param name="look">How often they are counted, which takes its time where there are many; null: often.</param>
    public async Task UntilAsync(int records, TimeSpan? look = null)
    {
        while (Records < records)
        {
            await Task.Delay(look ?? Look);
        }
    }

    /// <summary>What a feeder, its workers together and the server have used up to now.</summary>
    public ClusterUse UseOf(Process feeder)
    {
        using var server = Process.GetProcessById(Server.ProcessId);
        return new ClusterUse(
            feeder.HasExited ? 0 : PeakMemory.Of(feeder.Id),
            _workers.Max(worker => PeakMemory.Of(worker.Id)),
            PeakMemory.Of(server.Id),
            feeder.TotalProcessorTime,
            _workers.Aggregate(TimeSpan.Zero, (sum, worker) => sum + worker.TotalProcessorTime),
            server.TotalProcessorTime
        );
    }

    public void Dispose()
    {
        foreach (var worker in _workers)
        {
            worker.Kill();
            worker.WaitForExit();
            worker.Dispose();
        }

        Server.Dispose();
        _folder.Delete(recursive: true);
    }
}

/// <summary>What processes of a cluster use.</summary>
/// <param name="Feeder">Anonymous memory of the feeder, in bytes.</param>
/// <param name="Worker">That of the largest worker.</param>
/// <param name="Server">That of the server.</param>
/// <param name="FeederTime">Processor time of the feeder.</param>
/// <param name="WorkerTime">That of all workers.</param>
/// <param name="ServerTime">That of the server.</param>
internal sealed record ClusterUse(
    long Feeder,
    long Worker,
    long Server,
    TimeSpan FeederTime,
    TimeSpan WorkerTime,
    TimeSpan ServerTime
);
