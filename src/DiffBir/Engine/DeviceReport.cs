namespace DiffBir.Engine;

/// <summary>Whether a device works on a machine, and what is known of it.</summary>
/// <param name="Device">The device.</param>
/// <param name="Missing">Why it does not work, with the remedy, as the end of a sentence; null where it works.</param>
internal sealed record DeviceReport(Device Device, string? Missing)
{
    /// <summary>Whether networks can run on it.</summary>
    public bool Works => Missing is null;

    /// <summary>What it is called; null where that is not known.</summary>
    public string? Name { get; init; }

    /// <summary>The versions of what runs on it; null where they are not known.</summary>
    public string? Version { get; init; }

    /// <summary>What is free of its memory, in bytes; null where that is not known.</summary>
    public long? FreeBytes { get; init; }

    /// <summary>Its memory, in bytes; null where that is not known.</summary>
    public long? TotalBytes { get; init; }

    /// <summary>All devices of a machine, the processor first.</summary>
    /// <param name="probe">The machine.</param>
    public static IReadOnlyList<DeviceReport> All(DeviceProbe probe) =>
        [OfProcessor(), .. Devices.Accelerators.Select(device => Of(device, probe))];

    private static DeviceReport OfProcessor() =>
        new(Device.Cpu, Missing: null)
        {
            Name = $"{Environment.ProcessorCount} processors",
            Version = $"ONNX Runtime {OnnxRuntime.Version}",
            FreeBytes = SystemMemory.Available(),
            TotalBytes = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes,
        };

    private static DeviceReport Of(Device device, DeviceProbe probe)
    {
        var report = new DeviceReport(device, Devices.Problem(device, probe));
        if (device != Device.Cuda || probe.Nvidia() is not { } driver)
        {
            return report;
        }

        // Known whether it works or not: without cuDNN the driver is there all the same.
        var own = driver.Version is { } version ? $" (driver {version})" : "";
        return report with
        {
            Name = driver.Gpu?.Name,
            Version = $"CUDA {driver.Cuda}{own}",
            FreeBytes = driver.Gpu?.FreeBytes,
            TotalBytes = driver.Gpu?.TotalBytes,
        };
    }
}
