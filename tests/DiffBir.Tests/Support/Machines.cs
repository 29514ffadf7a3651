using DiffBir.Engine;

namespace DiffBir.Tests.Support;

/// <summary>Machines with an NVIDIA GPU, or with a part of what it needs; nothing native is asked.</summary>
internal static class Machines
{
    public const long GpuBytes = 24L << 30;

    /// <summary>A driver for CUDA 13 with a GPU of which half is free.</summary>
    public static NvidiaDriver Driver { get; } =
        new(new Version(13, 0), "580.65.06", new NvidiaGpu("NVIDIA RTX 9000", GpuBytes, GpuBytes / 2));

    /// <summary>A machine where CUDA works.</summary>
    public static DeviceProbe WithCuda { get; } = Of(Driver);

    /// <summary>A machine of which parts are given.</summary>
    /// <param name="driver">NVIDIA's driver; null: there is none.</param>
    /// <param name="absent">A library that cannot be loaded.</param>
    /// <param name="problem">Why ONNX Runtime's provider does not start; null: it does.</param>
    public static DeviceProbe Of(NvidiaDriver? driver, string absent = "", string? problem = null) =>
        new()
        {
            Providers = () => ["TensorrtExecutionProvider", "CUDAExecutionProvider", "CPUExecutionProvider"],
            Nvidia = () => driver,
            CanLoad = library => library != absent,
            StartCuda = () => problem,
        };
}
