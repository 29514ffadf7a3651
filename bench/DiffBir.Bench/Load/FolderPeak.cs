namespace DiffBir.Bench.Load;

/// <summary>The most that a server's files take while they are observed, without its database.</summary>
internal sealed class FolderPeak : IDisposable
{
    private const int IntervalMilliseconds = 20;
    private readonly CancellationTokenSource _stop = new();
    private readonly Thread _thread;
    private readonly string _data;
    private long _peak;

    /// <param name="data">The data folder.</param>
    public FolderPeak(string data)
    {
        _data = data;
        _thread = new Thread(Observe) { IsBackground = true };
        _thread.Start();
    }

    /// <summary>The most so far, in bytes.</summary>
    public long Bytes => Interlocked.Read(ref _peak);

    /// <summary>The files' size now, in bytes.</summary>
    public static long SizeOf(string data)
    {
        var size = 0L;
        foreach (var folder in (string[])["jobs", "incoming"])
        {
            foreach (
                var file in new DirectoryInfo(Path.Combine(data, folder)).EnumerateFiles(
                    "*",
                    new EnumerationOptions { RecurseSubdirectories = true }
                )
            )
            {
                try
                {
                    size += file.Length;
                }
                catch (FileNotFoundException)
                {
                    // Deleted since it was listed.
                }
            }
        }

        return size;
    }

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
            Interlocked.Exchange(ref _peak, Math.Max(Interlocked.Read(ref _peak), SizeOf(_data)));
            Thread.Sleep(IntervalMilliseconds);
        }
    }
}
