namespace DiffBir.Primitives;

/// <summary>What the machine has free.</summary>
internal static class SystemMemory
{
    private const string MemoryInfo = "/proc/meminfo";

    /// <summary>Bytes that can be used without swapping; bounded by the container's limit where there is one.</summary>
    public static long Available()
    {
        var memory = GC.GetGCMemoryInfo();
        var limit = memory.TotalAvailableMemoryBytes;
        if (!File.Exists(MemoryInfo))
        {
            return Math.Max(0, limit - memory.MemoryLoadBytes);
        }

        const string Key = "MemAvailable:";
        var line = File.ReadLines(MemoryInfo).FirstOrDefault(line => line.StartsWith(Key, StringComparison.Ordinal));
        return
            line is not null && long.TryParse(line[Key.Length..].Replace("kB", "", StringComparison.Ordinal), out var kibibytes)
            ? Math.Min(limit, kibibytes * 1024)
            : limit;
    }
}
