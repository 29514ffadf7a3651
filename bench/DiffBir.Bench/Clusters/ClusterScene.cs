using System.Diagnostics;
using DiffBir.Cluster.Stores;
using DiffBir.Cluster.Tests.Support;

namespace DiffBir.Bench.Clusters;

/// <summary>A server, folders of photos and results, and the processes that work with them.</summary>
internal sealed class ClusterScene : IDisposable
{
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(50);

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
    public async Task UntilAsync(int records)
    {
        while (Records < records)
        {
            await Task.Delay(s_look);
        }
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
