using System.Diagnostics;

namespace DiffBir.Bench.Load;

/// <summary><c>diffbir serve</c> as a process of its own.</summary>
internal sealed class ServerProcess : IDisposable
{
    private const string Greeting = "DiffBir is at ";

    private static readonly TimeSpan StartWithin = TimeSpan.FromMinutes(1);

    private readonly Process _process;

    private ServerProcess(Process process, Uri address) => (_process, Address) = (process, address);

    /// <summary>Where it listens.</summary>
    public Uri Address { get; }

    /// <summary>Anonymous memory in bytes; 0 where the system does not tell.</summary>
    public long MemoryBytes => PeakMemory.Of(_process.Id);

    /// <summary>Starts it on a free port, and waits until it listens.</summary>
    /// <param name="program">The launcher of <c>diffbir</c>.</param>
    /// <param name="arguments">What follows <c>serve</c>.</param>
    public static async Task<ServerProcess> StartAsync(string program, params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program, ["serve", "--port", "0", "--quiet", .. arguments])
        {
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        var process = Process.Start(start)!;
        using var limit = new CancellationTokenSource(StartWithin);
        while (await process.StandardOutput.ReadLineAsync(limit.Token) is { } line)
        {
            if (line.StartsWith(Greeting, StringComparison.Ordinal))
            {
                return new ServerProcess(process, new Uri(line[Greeting.Length..].Split(' ')[0]));
            }
        }

        throw new InvalidOperationException("The server ended before it listened.");
    }

    /// <summary>Ends it as a power cut would: kill -9.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        _process.Dispose();
    }
}
