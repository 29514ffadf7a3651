using DiffBir.Imaging;
using DiffBir.Options;
using DiffBir.Packs;

namespace DiffBir.Hosting;

/// <summary>Options of a <see cref="RestorerPool"/>.</summary>
public sealed record DiffBirOptions
{
    private const long MinMemory = 256_000_000;

    /// <summary>The model: one of <see cref="PackCatalog.Names"/>, or a folder with a <c>model.json</c>.</summary>
    public string Model { get; set; } = PackCatalog.Mini;

    /// <summary>Where the model's files are, besides its own folder.</summary>
    public IReadOnlyList<string> WeightsFolders { get; set; } = [];

    /// <summary>What is asked for where a call says nothing itself.</summary>
    public RestorationRequest Request { get; set; } = new();

    /// <summary>
    /// How many photos are restored at the same time; they share the loaded networks and the memory. On the processor one photo uses all
    /// cores, so that more than 1 helps only where photos are small.
    /// </summary>
    public int MaxConcurrency { get; set; } = 1;

    /// <summary>How many callers may wait for their turn; the next one is refused (<see cref="QueueFullException"/>).</summary>
    public int MaxWaiting { get; set; } = int.MaxValue;

    /// <summary>How many bytes all restorations together may use; null: what the machine has free.</summary>
    public long? MaxMemory { get; set; }

    /// <summary>The most pixels of a photo that is read from a stream, from bytes or from a file.</summary>
    public long MaxPixels { get; set; } = ImageReadOptions.Default.MaxPixels;

    /// <summary>What one restoration may use of the memory; null where no limit is named.</summary>
    internal long? MemoryOfOne => MaxMemory / MaxConcurrency;

    /// <summary>Throws unless the options can be followed.</summary>
    /// <exception cref="OptionException">A value is not allowed.</exception>
    internal void Validate()
    {
        if (MaxConcurrency < 1)
        {
            throw new OptionException($"MaxConcurrency is {MaxConcurrency}; it must be 1 or more.", nameof(MaxConcurrency));
        }

        if (MaxWaiting < 0)
        {
            throw new OptionException($"MaxWaiting is {MaxWaiting}; it must be 0 or more.", nameof(MaxWaiting));
        }

        if (MaxPixels < 1)
        {
            throw new OptionException($"MaxPixels is {MaxPixels}; it must be 1 or more.", nameof(MaxPixels));
        }

        if (MemoryOfOne < MinMemory)
        {
            throw new OptionException(
                $"MaxMemory is {MaxMemory:N0} bytes for {MaxConcurrency} restoration(s) at a time; each needs {MinMemory:N0}. Raise it, or lower MaxConcurrency.",
                nameof(MaxMemory)
            );
        }
    }
}
