using DiffBir.Engine;
using DiffBir.Options;

namespace DiffBir.Planning;

/// <summary>What a restoration may use of memory, and how it is divided.</summary>
/// <param name="Total">All of it, in bytes.</param>
internal sealed record MemoryBudget(long Total)
{
    /// <summary>The program itself: code, libraries, the collected heap's own needs.</summary>
    private const long Program = 120_000_000;

    private const int ImageShare = 32;
    private const int ImagesAtOnce = 5;

    /// <summary>
    /// Share of the memory that the system's allocator keeps without use between networks' runs: it grows over the tiles of a large
    /// photo (36 megapixels of <c>mini</c> under a limit of 1 GB: 1,043 MB where nothing was left for it).
    /// </summary>
    private const int AllocatorShare = 12;

    /// <summary>Share of the free memory that is left to everything else where the user sets no limit.</summary>
    private const double Reserve = 0.2;

    /// <summary>What networks may use of the memory that the device has for itself, in bytes; null: they use the machine's.</summary>
    public long? Device { get; init; }

    /// <summary>What the user allows; without a word from him most of what is free.</summary>
    /// <param name="limit">What the user allows, of the machine's memory and of the device's.</param>
    /// <param name="availableBytes">What the machine has free.</param>
    /// <param name="deviceBytes">What a device with memory of its own has free; null: there is none.</param>
    public static MemoryBudget Of(MemoryLimit limit, long availableBytes, long? deviceBytes = null) =>
        new(limit.IsSet ? limit.Bytes : MostOf(availableBytes))
        {
            Device = deviceBytes is { } free ? Math.Min(MostOf(free), limit.IsSet ? limit.Bytes : long.MaxValue) : null,
        };

    /// <summary>The largest whole image that stays in memory; the others go to scratch files.</summary>
    public long Image => Total / ImageShare;

    /// <summary>The largest latent that stays in memory; of these there are several at a time.</summary>
    public long Latent => Image / 4;

    /// <summary>What all networks that are loaded at once, and the values on their way through them, may use where they compute.</summary>
    public long Networks => Device ?? Machine;

    /// <summary>The same of the machine's memory.</summary>
    public long Machine =>
        Math.Max(Total / 4, Total - Program - ManagedMemory.GarbageOf(Total) - (ImagesAtOnce * Image) - (Total / AllocatorShare));

    private static long MostOf(long free) => (long)(free * (1 - Reserve));
}
