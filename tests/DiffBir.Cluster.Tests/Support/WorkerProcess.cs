using System.Diagnostics;
using DiffBir.Cluster.Jobs;
using DiffBir.Cluster.Nats;
using DiffBir.Cluster.Places;
using DiffBir.Cluster.Queues;
using DiffBir.Cluster.Working;

namespace DiffBir.Cluster.Tests.Support;

/// <summary>A worker with a stub of an engine, in a process of its own that may be killed and stopped.</summary>
internal sealed class WorkerProcess : IDisposable
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(20);

    private readonly TemporaryFolder _folder = new();
    private readonly Process _process;

    /// <param name="server">The queue.</param>
    /// <param name="heartbeat">How often it gives a sign of life.</param>
    /// <param name="step">The step of a photo's way at which it waits until it is released.</param>
    public WorkerProcess(NatsServer server, TimeSpan heartbeat, WorkStep step)
    {
        string[] arguments =
        [
            typeof(WorkerProcess).Assembly.Location,
            server.Url,
            _folder.Path,
            $"{step}",
            $"{heartbeat.TotalMilliseconds}",
        ];
        _process = Process.Start(new ProcessStartInfo("dotnet", arguments) { UseShellExecute = false })!;
    }

    private static string Held(string folder) => Path.Combine(folder, "held");

    private static string Released(string folder) => Path.Combine(folder, "released");

    private static string Recorded(string folder) => Path.Combine(folder, "recorded");

    /// <summary>Such a process, from its beginning to its end.</summary>
    public static async Task Main(string[] arguments)
    {
        var (url, folder, step) = (arguments[0], arguments[1], Enum.Parse<WorkStep>(arguments[2]));
        await using var queue = await NatsQueue.ConnectAsync(NatsAddress.Parse(url), new QueueRules(), "worker");
        using var places = ClusterPlaces.FromEnvironment(folder);
        var options = new WorkerOptions
        {
            Name = "process",
            Heartbeat = TimeSpan.FromMilliseconds(double.Parse(arguments[3])),
            Look = LookInterval,
            Patience = TimeSpan.FromSeconds(1),
        };
        var events = new WorkEvents
        {
            OnStep = (at, _) => at == step ? HoldAsync(folder) : Task.CompletedTask,
            OnRecord = record => Appear(Recorded(folder), ClusterJson.Write(record)),
        };
        var parts = new WorkerParts(queue, new StubEngine(), places, TimeProvider.System);
        await new Worker(parts, options, events).RunAsync(CancellationToken.None);
    }

    /// <summary>Waits until it has come to its step.</summary>
    public Task HeldAsync() => AppearanceAsync(Held(_folder.Path));

    /// <summary>Lets it go on.</summary>
    public void Release() => File.WriteAllText(Released(_folder.Path), "");

    /// <summary>Waits for the record that it knows of its photo.</summary>
    public async Task<JobRecord> RecordAsync()
    {
        await AppearanceAsync(Recorded(_folder.Path));
        return ClusterJson.Read<JobRecord>(await File.ReadAllBytesAsync(Recorded(_folder.Path)))!;
    }

    /// <summary>Ends it at once, as kill -9 does.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>Sends it a signal.</summary>
    public async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("kill", ["-s", signal, $"{_process.Id}"]);
        await kill.WaitForExitAsync();
    }

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        _folder.Dispose();
    }

    /// <summary>Writes a file that is whole as soon as it is there.</summary>
    private static void Appear(string file, byte[] content)
    {
        var draft = $"{file}.partial";
        File.WriteAllBytes(draft, content);
        File.Move(draft, file, overwrite: true);
    }

    private static async Task HoldAsync(string folder)
    {
        await File.WriteAllTextAsync(Held(folder), "");
        await AppearanceAsync(Released(folder));
    }

    private static async Task AppearanceAsync(string file)
    {
        using var patience = new CancellationTokenSource(ClusterBench.Patience);
        while (!File.Exists(file))
        {
            await Task.Delay(LookInterval, patience.Token);
        }
    }
}
