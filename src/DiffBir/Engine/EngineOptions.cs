namespace DiffBir.Engine;

/// <summary>Where and how networks run.</summary>
public sealed record EngineOptions
{
    /// <summary>The device; <see cref="Device.Auto"/> takes the fastest one whose provider is installed.</summary>
    [Option("device", OptionGroup.Computation, "What computes: auto, cpu, cuda, directml, coreml or openvino.")]
    public Device Device { get; init; } = Device.Auto;

    /// <summary>The number format of weights and activations.</summary>
    [Option("precision", OptionGroup.Computation, "The number format; fp16 halves the memory on GPUs.")]
    public Precision Precision { get; init; } = Precision.Float32;

    /// <summary>Threads on the processor; 0 means one for each core.</summary>
    [Option("threads", OptionGroup.Computation, "Threads on the processor; 0: one for each core.")]
    [AllowedRange(0)]
    public int Threads { get; init; }

    /// <summary>The threads that are meant; 0 where the runtime counts the cores.</summary>
    internal int ThreadsToUse => Threads > 0 ? Threads : Processors.Threads;

    /// <summary>Where to write the time of each operator as a Chrome trace (the runtime appends the date); null for nowhere.</summary>
    public string? ProfilePrefix { get; init; }

    /// <summary>Where memory has a limit: it is given back after each use, which is slower. Null: it is kept for the next run.</summary>
    internal ManagedMemory? Memory { get; init; }

    /// <summary>For how many sizes of images a network stays loaded.</summary>
    internal int KeptSizes { get; init; } = 1;

    /// <summary>Where networks are loaded for several restorations at a time; null: each loads its own.</summary>
    internal SharedSessions? Sessions { get; init; }

    /// <summary>Hears the name of each network that runs, each time it runs; null for nobody.</summary>
    internal Action<string>? OnRun { get; init; }
}

/// <summary>What networks run on.</summary>
public enum Device
{
    /// <summary>The fastest one whose provider is installed.</summary>
    Auto,

    /// <summary>The processor.</summary>
    Cpu,

    /// <summary>An NVIDIA GPU.</summary>
    Cuda,

    /// <summary>A GPU on Windows.</summary>
    DirectMl,

    /// <summary>Apple's accelerators.</summary>
    CoreMl,

    /// <summary>Intel's accelerators.</summary>
    OpenVino,
}

/// <summary>The number format of weights and activations.</summary>
public enum Precision
{
    /// <summary>32-bit floats.</summary>
    [OptionWord("fp32")]
    Float32,

    /// <summary>16-bit floats: half the memory on devices that compute with them.</summary>
    [OptionWord("fp16")]
    Float16,
}

/// <summary>A network could not be loaded or run.</summary>
public sealed class EngineException(string message, Exception? innerException = null) : DiffBirException(message, innerException)
{
    // What ONNX Runtime says of a failed allocation, by its arena, its allocator and the C++ library.
    private static readonly string[] AllocationFailures = ["Failed to allocate memory", "bad allocation", "bad_alloc"];

    /// <summary>Whether memory was what was missing.</summary>
    public bool IsOutOfMemory =>
        InnerException is OutOfMemoryException
        || AllocationFailures.Any(text => InnerException?.Message.Contains(text, StringComparison.OrdinalIgnoreCase) == true);
}
