namespace DiffBir.Cluster.Stores;

/// <summary>Where things lie below a batch's output. All but the results is in one hidden folder.</summary>
internal static class Layout
{
    /// <summary>The hidden folder.</summary>
    public const string Folder = ".diffbir";

    /// <summary>Records of all results and failures.</summary>
    public const string Records = $"{Folder}/records";

    /// <summary>Records that are being written.</summary>
    public const string Drafts = $"{Folder}/drafts";

    private const string MarkName = "mark";
    private const string Extension = ".json";
    private const string AttemptPrefix = "attempt-";

    /// <summary>Whether a name is that of something in the hidden folder of a place, or of one around it.</summary>
    public static bool IsOurs(string name) => name.Split('/').Contains(Folder);

    /// <summary>A job's record, found by the name of its first result.</summary>
    public static string Record(string output) => $"{Records}/{output}{Extension}";

    /// <summary>What a batch needs until it ends.</summary>
    public static string Work(string batch) => $"{Folder}/work/{batch}";

    /// <summary>The mark of a batch that is under way: who sees it sees the place that the feeder sees.</summary>
    public static string Mark(string batch) => $"{Work(batch)}/{MarkName}";

    /// <summary>The batch whose mark a file is; null for other files.</summary>
    public static string? BatchOfMark(string name) => name.Split('/') is [.., "work", var batch, MarkName] ? batch : null;

    /// <summary>What a job needs until it ends: drafts, attempts, promises.</summary>
    public static string Work(string batch, string job) => $"{Work(batch)}/{job}";

    /// <summary>One try at a job.</summary>
    public static string Attempt(string batch, string job, string attempt) =>
        $"{Work(batch, job)}/{AttemptPrefix}{attempt}{Extension}";

    /// <summary>Whether a file in a job's folder is a try at it.</summary>
    public static bool IsAttempt(string name) =>
        name.Split('/')[^1].StartsWith(AttemptPrefix, StringComparison.Ordinal)
        && name.EndsWith(Extension, StringComparison.Ordinal);

    /// <summary>The promise that a job is about to commit a content: whoever finds it later without a record knows whose it is.</summary>
    public static string Promise(string batch, string job, string sha256) => $"{Work(batch, job)}/{sha256}.promise";
}
