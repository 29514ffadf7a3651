namespace DiffBir.Engine;

/// <summary>Where and how networks run.</summary>
public sealed record EngineOptions
{
    /// <summary>The device; <see cref="Device.Auto"/> takes the fastest one that works.</summary>
    [Option("device", OptionGroup.Computation, "What computes: auto, cpu, cuda, directml, coreml or openvino.")]
    public Device Device { get; init; } = Device.Auto;

    /// <summary>The number format of weights and activations; <see cref="Precision.Auto"/> takes what the device is made for.</summary>
    [Option("precision", OptionGroup.Computation, "The number format; auto: fp16 on NVIDIA GPUs, else fp32.")]
    public Precision Precision { get; init; } = Precision.Auto;

    /// <summary>Threads on the processor; 0 means one for each core.</summary>
    [Option("threads", OptionGroup.Computation, "Threads on the processor; 0: one for each core.")]
    [AllowedRange(0)]
    public int Threads { get; init; }

    /// <summary>The threads that are meant; 0 where the runtime counts the cores.</summary>
    internal int ThreadsToUse => Threads > 0 ? Threads : Processors.Threads;

    /// <summary>The machine that networks run on.</summary>
    internal DeviceProbe Probe { get; init; } = DeviceProbe.Here;

    /// <summary>The device that is meant.</summary>
    internal Device DeviceToUse => Devices.Choose(Device, Probe).Device;

    /// <summary>The number format that is meant.</summary>
    internal Precision PrecisionToUse =>
        Precision != Precision.Auto ? Precision
        : DeviceToUse == Device.Cuda ? Precision.Float16
        : Precision.Float32;

    /// <summary>Whether the device has memory that is not the machine's.</summary>
    internal bool HasMemoryOfItsOwn => DeviceToUse == Device.Cuda;

    /// <summary>What a network may take of the device's own memory, in bytes; null: as much as there is.</summary>
    internal long? DeviceMemoryLimit { get; init; }

    /// <summary>What the device has free of its own memory now, in bytes; null where it has none, or it is not known.</summary>
    internal long? FreeDeviceMemory() => HasMemoryOfItsOwn ? Probe.Nvidia()?.Gpu?.FreeBytes : null;

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
    /// <summary>The fastest one that works here.</summary>
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
    /// <summary>16 bits on NVIDIA's GPUs, which compute with them several times as fast, 32 elsewhere.</summary>
    Auto,

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
    // What ONNX Runtime says of a failed allocation: its arena and its allocator, the C++ library; an arena with a limit; CUDA, cuBLAS, cuDNN.
    private static readonly string[] AllocationFailures =
    [
        "Failed to allocate memory",
        "bad allocation",
        "bad_alloc",
        "smaller than requested bytes",
        "out of memory",
        "ALLOC_FAILED",
        "ALLOCATION_FAILED",
    ];

    /// <summary>Whether memory was what was missing.</summary>
    public bool IsOutOfMemory =>
        InnerException is OutOfMemoryException
        || AllocationFailures.Any(text => InnerException?.Message.Contains(text, StringComparison.OrdinalIgnoreCase) == true);
}
