using System.Text;

namespace DiffBir.Engine;

/// <summary>What NVIDIA's driver tells of itself and of the GPU that CUDA takes first, which is the one that networks run on.</summary>
/// <param name="Cuda">The newest CUDA that it runs.</param>
/// <param name="Version">Its own version, such as 580.65.06; null where that cannot be read.</param>
/// <param name="Gpu">The GPU; null where CUDA sees none.</param>
internal sealed unsafe record NvidiaDriver(Version Cuda, string? Version, NvidiaGpu? Gpu)
{
    private const int TextBytes = 128; // NVML's longest text has 96
    private const int VersionMajor = 1000; // 13020 is 13.2
    private const int VersionMinor = 10;

    /// <summary>The library of the driver as the loader knows it.</summary>
    public static string Library { get; } = OperatingSystem.IsWindows() ? "nvcuda.dll" : "libcuda.so.1";

    /// <summary>The library of the driver that tells how much memory is free.</summary>
    public static string ManagementLibrary { get; } = OperatingSystem.IsWindows() ? "nvml.dll" : "libnvidia-ml.so.1";

    /// <summary>Asks the driver.</summary>
    /// <param name="open">Gives the functions of a library; null where it cannot be loaded.</param>
    /// <returns>Null where there is no driver.</returns>
    public static NvidiaDriver? Read(Func<string, Func<string, nint>?> open)
    {
        if (open(Library) is not { } cuda)
        {
            return null;
        }

        var getVersion = (delegate* unmanaged<int*, int>)cuda("cuDriverGetVersion");
        var version = 0;
        if (getVersion is null || getVersion(&version) != 0)
        {
            return null;
        }

        var management = open(ManagementLibrary) is { } functions ? new Management(functions) : null;
        return new NvidiaDriver(
            new Version(version / VersionMajor, version % VersionMajor / VersionMinor),
            management?.DriverVersion(),
            FirstGpu(cuda, management)
        );
    }

    private static NvidiaGpu? FirstGpu(Func<string, nint> cuda, Management? management)
    {
        var initialize = (delegate* unmanaged<uint, int>)cuda("cuInit");
        var getCount = (delegate* unmanaged<int*, int>)cuda("cuDeviceGetCount");
        var getDevice = (delegate* unmanaged<int*, int, int>)cuda("cuDeviceGet");
        var (count, device) = (0, 0);
        if (
            initialize is null
            || getCount is null
            || getDevice is null
            || initialize(0) != 0
            || getCount(&count) != 0
            || count == 0
            || getDevice(&device, 0) != 0
        )
        {
            return null;
        }

        var getTotal = (delegate* unmanaged<nuint*, int, int>)cuda("cuDeviceTotalMem_v2");
        nuint total = 0;
        var isTotalKnown = getTotal is not null && getTotal(&total, device) == 0;
        var place = Text((delegate* unmanaged<byte*, int, int, int>)cuda("cuDeviceGetPCIBusId"), device);
        return new NvidiaGpu(
            Text((delegate* unmanaged<byte*, int, int, int>)cuda("cuDeviceGetName"), device) ?? "NVIDIA GPU",
            isTotalKnown ? (long)total : null,
            place is null ? null : management?.FreeBytes(place)
        );
    }

    private static string? Text(delegate* unmanaged<byte*, int, int, int> get, int device)
    {
        var text = stackalloc byte[TextBytes];
        return get is not null && get(text, TextBytes, device) == 0 ? TextOf(text) : null;
    }

    private static string TextOf(byte* text)
    {
        var bytes = new ReadOnlySpan<byte>(text, TextBytes);
        return Encoding.UTF8.GetString(bytes[..Math.Max(0, bytes.IndexOf((byte)0))]);
    }

    /// <summary>NVIDIA's management library, which tells what CUDA tells only to those who occupy the GPU.</summary>
    private sealed class Management(Func<string, nint> functions)
    {
        public string? DriverVersion() =>
            Use(() =>
            {
                var get = (delegate* unmanaged<byte*, uint, int>)functions("nvmlSystemGetDriverVersion");
                var text = stackalloc byte[TextBytes];
                return get is not null && get(text, TextBytes) == 0 ? TextOf(text) : null;
            });

        /// <summary>The free memory of the GPU in a place of the PCI bus; null where that is not told, as of a part of a GPU.</summary>
        public long? FreeBytes(string place) =>
            Use<long?>(() =>
            {
                var getDevice = (delegate* unmanaged<byte*, nint*, int>)functions("nvmlDeviceGetHandleByPciBusId_v2");
                var getMemory = (delegate* unmanaged<nint, MemoryInfo*, int>)functions("nvmlDeviceGetMemoryInfo");
                nint device = 0;
                MemoryInfo memory = default;
                fixed (byte* name = Encoding.UTF8.GetBytes(place + '\0'))
                {
                    return
                        getDevice is not null
                        && getMemory is not null
                        && getDevice(name, &device) == 0
                        && getMemory(device, &memory) == 0
                        ? (long)memory.Free
                        : null;
                }
            });

        private T? Use<T>(Func<T?> ask)
        {
            var begin = (delegate* unmanaged<int>)functions("nvmlInit_v2");
            var end = (delegate* unmanaged<int>)functions("nvmlShutdown");
            if (begin is null || end is null || begin() != 0)
            {
                return default;
            }

            try
            {
                return ask();
            }
            finally
            {
                _ = end();
            }
        }

        // nvmlMemory_t
        private readonly record struct MemoryInfo(ulong Total, ulong Free, ulong Used);
    }
}

/// <summary>A GPU of NVIDIA's.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="TotalBytes">Its memory; null where that is not known.</param>
/// <param name="FreeBytes">What nobody uses of it now; null where that is not known.</param>
internal sealed record NvidiaGpu(string Name, long? TotalBytes, long? FreeBytes);
