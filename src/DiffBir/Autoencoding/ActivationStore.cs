using DiffBir.Imaging;

namespace DiffBir.Autoencoding;

/// <summary>Where activations of tiles lie while they wait for other tiles.</summary>
/// <param name="MemoryBytes">How many may wait in memory.</param>
/// <param name="Bytes">How many may wait in all: in memory, or in scratch files if they are more.</param>
internal sealed record ActivationStore(long MemoryBytes, long Bytes)
{
    private const long MaxBytesInFiles = 32L << 30; // beyond this, writing and reading would take longer than computing

    private static readonly PlanarStorage Files = new(maxBytesInMemory: 0);

    /// <summary>Memory for as many as there are.</summary>
    public static ActivationStore Memory { get; } = new(long.MaxValue, long.MaxValue);

    /// <summary>A store that uses so much memory, and up to half of what is free on the disk of scratch files.</summary>
    public static ActivationStore Of(long memoryBytes) =>
        new(memoryBytes, Math.Max(memoryBytes, Math.Min(MaxBytesInFiles, Files.FreeBytes / 2)));

    /// <summary>Whether a number of bytes may wait.</summary>
    public bool Fits(long bytes) => bytes <= Bytes;

    /// <summary>The place for a number of bytes.</summary>
    public PlanarStorage For(long bytes) => bytes <= MemoryBytes ? PlanarStorage.Memory : Files;
}
