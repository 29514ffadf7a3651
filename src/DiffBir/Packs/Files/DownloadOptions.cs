namespace DiffBir.Packs.Files;

/// <summary>How patiently files are downloaded.</summary>
public sealed record DownloadOptions
{
    /// <summary>How often a source is asked in a row without sending <see cref="ProgressBytes"/>, before the next one is tried.</summary>
    public int Attempts { get; init; } = 5;

    /// <summary>The pause before the second attempt; each further one is twice as long.</summary>
    public TimeSpan FirstPause { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest pause between two attempts.</summary>
    public TimeSpan MaxPause { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How long a source may send nothing.</summary>
    public TimeSpan Silence { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>After this many new bytes a broken connection counts as the first again.</summary>
    public long ProgressBytes { get; init; } = 1 << 20;

    /// <summary>The largest file that is taken.</summary>
    public long MaxFileBytes { get; init; } = 64L << 30;
}

/// <summary>How far a file has come.</summary>
/// <param name="File">The file.</param>
/// <param name="Received">Bytes that are here, those of earlier attempts included.</param>
/// <param name="Total">All bytes; null where nobody says.</param>
public readonly record struct TransferProgress(PackFile File, long Received, long? Total);

/// <summary>What a caller may want to hear while files are fetched or checked.</summary>
public sealed record TransferEvents
{
    /// <summary>Hears of every block of bytes.</summary>
    public Action<TransferProgress>? OnProgress { get; init; }

    /// <summary>Hears of broken connections and changed sources, in sentences.</summary>
    public Action<string>? OnNotice { get; init; }
}
