namespace DiffBir.Engine;

/// <summary>What ONNX Runtime's provider for CUDA needs of a machine beside itself: NVIDIA's driver, CUDA's libraries and cuDNN.</summary>
internal static class CudaRequirements
{
    private const string Cuda = "CUDA 13";
    private const string CuDnn = "cuDNN 9 for CUDA 13";

    private static readonly Version MinVersion = new(13, 0);

    /// <summary>The libraries that the provider is linked with, or loads for convolutions (cuDNN), and what each is a part of.</summary>
    public static IReadOnlyList<(string Library, string Product)> Libraries { get; } =
        OperatingSystem.IsWindows()
            ? [("cublasLt64_13.dll", Cuda), ("cublas64_13.dll", Cuda), ("cudnn64_9.dll", CuDnn)]
            :
            [
                ("libcudart.so.13", Cuda),
                ("libcublasLt.so.13", Cuda),
                ("libcublas.so.13", Cuda),
                ("libcurand.so.10", Cuda),
                ("libcudnn.so.9", CuDnn),
            ];

    /// <summary>The first thing that is missing, with the remedy, as the end of a sentence; null where CUDA works.</summary>
    public static string? Missing(DeviceProbe probe)
    {
        if (probe.Nvidia() is not { } driver)
        {
            return $"{NvidiaDriver.Library} cannot be loaded (install NVIDIA's driver)";
        }

        if (driver.Cuda < MinVersion)
        {
            return $"NVIDIA's driver runs CUDA {driver.Cuda} at most (install one for {Cuda})";
        }

        if (driver.Gpu is null)
        {
            return "NVIDIA's driver shows no GPU (look at nvidia-smi and CUDA_VISIBLE_DEVICES)";
        }

        foreach (var (library, product) in Libraries)
        {
            if (!probe.CanLoad(library))
            {
                return $"{library} cannot be loaded (install {product})";
            }
        }

        return probe.StartCuda() is { } problem
            ? $"ONNX Runtime's provider for it does not start ({Printable.Line(problem)})"
            : null;
    }
}
