namespace DiffBir.Engine;

/// <summary>
/// Keeps the collected heap small where memory has a limit. The collector waits until it has a reason of its own, and by then
/// tensors that nobody reads any more can be several times as large as those in use.
/// </summary>
/// <param name="limit">The limit for all of the process's memory, in bytes.</param>
internal sealed class ManagedMemory(long limit)
{
    private const int GarbageShare = 8;

    private long _allocatedAtCollection;

    /// <summary>The garbage that may lie about under a limit.</summary>
    public static long GarbageOf(long limit) => limit / GarbageShare;

    /// <summary>Collects if so much was allocated since the last time that garbage could be more than is allowed.</summary>
    public void Collect()
    {
        var allocated = GC.GetTotalAllocatedBytes();
        if (allocated - Interlocked.Read(ref _allocatedAtCollection) > GarbageOf(limit))
        {
            Interlocked.Exchange(ref _allocatedAtCollection, allocated);
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        }
    }
}
