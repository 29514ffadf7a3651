using System.ComponentModel;
using System.Diagnostics;
using DiffBir.Cluster.Nats;
using DiffBir.Cluster.Queues;
using DiffBir.Tests.Support;

namespace DiffBir.Cluster.Tests.Support;

/// <summary>A real server in a process of its own, on a free port of this machine alone.</summary>
internal sealed class NatsServer : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string[] _options;
    private int _port = -1; // the server takes a free one, which nobody else can take in between
    private Process _process;

    /// <param name="options">Further options of its command line.</param>
    public NatsServer(params string[] options)
    {
        _options = options;
        _process = Start();
    }

    /// <summary>Which version there is; null: none.</summary>
    public static Version? Version { get; } = Find();

    /// <summary>Why there is none; null where there is.</summary>
    public static string? Missing =>
        Version is null ? "There is no nats-server here; Debian has one: apt-get install nats-server." : null;

    public string Url => $"nats://127.0.0.1:{_port}";

    /// <summary>The process that it runs in.</summary>
    public int ProcessId => _process.Id;

    private string Store => _folder.File("jetstream");

    public Task<NatsQueue> ConnectAsync(QueueRules? rules = null) =>
        NatsQueue.ConnectAsync(NatsAddress.Parse(Url), rules ?? new QueueRules(), "test");

    /// <summary>Ends it as a power cut does.</summary>
    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }

    /// <summary>Starts it again.</summary>
    public void Restart() => _process = Start();

    /// <summary>Deletes all that it kept; it must not run.</summary>
    public void Wipe() => Directory.Delete(Store, recursive: true);

    public void Dispose()
    {
        Kill();
        _folder.Dispose();
    }

    private static Version? Find()
    {
        try
        {
            using var trial = Process.Start(
                new ProcessStartInfo("nats-server", "--version") { RedirectStandardOutput = true, UseShellExecute = false }
            )!;
            // nats-server: v2.9.10
            return Version.Parse(trial.StandardOutput.ReadToEnd().Trim().Split('v')[^1]);
        }
        catch (Win32Exception)
        {
            return null;
        }
    }

    private Process Start()
    {
        string[] arguments = ["-a", "127.0.0.1", "-p", $"{_port}", "-js", "-sd", Store, .. _options];
        var process = Process.Start(
            new ProcessStartInfo("nats-server", arguments) { RedirectStandardError = true, UseShellExecute = false }
        )!;
        for (var isReady = false; !isReady; )
        {
            // It says so within a moment, or it ends.
            var line = process.StandardError.ReadLine() ?? throw new InvalidOperationException("nats-server did not start.");
            _port = line.Contains("Listening for client connections on ") ? int.Parse(line.Split(':')[^1]) : _port;
            isReady = line.Contains("Server is ready");
        }

        _ = process.StandardError.ReadToEndAsync(); // a full pipe would stop it
        return process;
    }
}
