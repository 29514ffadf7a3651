namespace DiffBir.Bench;

/// <summary>The largest anonymous memory of this process while it is observed; file-mapped weights are the page cache's.</summary>
internal sealed class PeakMemory : IDisposable
{
    private const int IntervalMilliseconds = 5;
    private readonly CancellationTokenSource _stop = new();
    private readonly Thread _thread;
    private long _peak;

    public PeakMemory()
    {
        _thread = new Thread(Observe) { IsBackground = true };
        _thread.Start();
    }

    /// <summary>The peak so far, in bytes.</summary>
    public long Bytes => Math.Max(Interlocked.Read(ref _peak), Now());

    /// <summary>Anonymous memory now, in bytes; 0 where the system does not tell.</summary>
    public static long Now() => Of(Environment.ProcessId);

    /// <summary>Anonymous memory of a process now, in bytes; 0 where the system does not tell.</summary>
    public static long Of(int process) => StatusOf(process, "RssAnon:");

    /// <summary>Lets the system count the highest memory of this process anew.</summary>
    /// <returns>All of its memory now, in bytes; 0 where the system does not tell.</returns>
    public static long Restart()
    {
        const string Reset = "/proc/self/clear_refs";
        if (File.Exists(Reset))
        {
            File.WriteAllText(Reset, "5"); // proc(5): the peak becomes what is resident now
        }

        return Highest();
    }

    /// <summary>The highest memory of this process since <see cref="Restart"/>, in bytes; 0 where the system does not tell.</summary>
    public static long Highest() => StatusOf(Environment.ProcessId, "VmHWM:");

    private static long StatusOf(int process, string key)
    {
        var status = $"/proc/{process}/status";
        if (!File.Exists(status))
        {
            return 0;
        }

        var line = File.ReadLines(status).First(line => line.StartsWith(key, StringComparison.Ordinal));
        return long.Parse(line[key.Length..].Replace("kB", "", StringComparison.Ordinal)) * 1024;
    }

    /// <summary>Begins anew.</summary>
    public void Reset() => Interlocked.Exchange(ref _peak, 0);

    public void Dispose()
    {
        _stop.Cancel();
        _thread.Join();
        _stop.Dispose();
    }

    private void Observe()
    {
        while (!_stop.IsCancellationRequested)
        {
            Interlocked.Exchange(ref _peak, Math.Max(Interlocked.Read(ref _peak), Now()));
            Thread.Sleep(IntervalMilliseconds);
        }
    }
}
