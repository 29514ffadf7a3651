using Microsoft.ML.OnnxRuntime;

namespace DiffBir.Engine;

/// <summary>Chooses among the execution providers of ONNX Runtime, and enables them.</summary>
internal static class Devices
{
    /// <summary>The devices in the order in which <see cref="Device.Auto"/> prefers them.</summary>
    private static readonly (Device Device, string Provider, string Remedy)[] Providers =
    [
        (
            Device.Cuda,
            "CUDAExecutionProvider",
            OperatingSystem.IsWindows()
                ? "build with -p:Gpu=cuda, or add the package Microsoft.ML.OnnxRuntime.Gpu.Windows"
                : "build with -p:Gpu=cuda, or add the package Microsoft.ML.OnnxRuntime.Gpu.Linux"
        ),
        (Device.DirectMl, "DmlExecutionProvider", "on Windows, add the package Microsoft.ML.OnnxRuntime.DirectML"),
        (Device.CoreMl, "CoreMLExecutionProvider", "on macOS, it comes with the package Microsoft.ML.OnnxRuntime"),
        (Device.OpenVino, "OpenVINOExecutionProvider", "add the package Intel.ML.OnnxRuntime.OpenVino"),
    ];

    /// <summary>All that there are but the processor, the fastest first.</summary>
    public static IEnumerable<Device> Accelerators => Providers.Select(entry => entry.Device);

    /// <summary>What <see cref="Device.Auto"/> means on a machine; other devices mean themselves.</summary>
    /// <param name="asked">What was asked for.</param>
    /// <param name="probe">The machine.</param>
    public static DeviceChoice Choose(Device asked, DeviceProbe probe)
    {
        if (asked != Device.Auto)
        {
            return new DeviceChoice(asked, Notice: null);
        }

        string? notice = null;
        var available = probe.Providers();
        foreach (var (device, provider, _) in Providers)
        {
            if (!available.Contains(provider))
            {
                continue;
            }

            if (Problem(device, probe) is not { } problem)
            {
                return new DeviceChoice(device, notice);
            }

            notice ??= $"The processor computes, as the GPU cannot: {problem}.";
        }

        return new DeviceChoice(Device.Cpu, notice);
    }

    /// <summary>Why a device does not work, with the remedy, as the end of a sentence; null where it does.</summary>
    public static string? Problem(Device device, DeviceProbe probe)
    {
        if (device is Device.Cpu or Device.Auto)
        {
            return null;
        }

        var (_, provider, remedy) = Providers.Single(entry => entry.Device == device);
        return !probe.Providers().Contains(provider) ? $"ONNX Runtime's {provider} is not installed ({remedy})"
            : device == Device.Cuda ? probe.CudaProblem
            : null;
    }

    /// <summary>Throws where the device that is asked for does not work.</summary>
    /// <exception cref="EngineException">The message says what is missing.</exception>
    public static void Validate(EngineOptions options)
    {
        if (Problem(options.Device, options.Probe) is { } problem)
        {
            var name = options.Device.ToString().ToLowerInvariant();
            throw new EngineException(
                $"The device {name} does not work here: {problem}. Until then use the processor (--device cpu)."
            );
        }
    }

    /// <summary>Enables the provider of the device that the options mean.</summary>
    /// <param name="session">The session that is to run on it.</param>
    /// <param name="options">The device.</param>
    /// <exception cref="EngineException">It does not work; the message says what is missing.</exception>
    public static void Append(SessionOptions session, EngineOptions options)
    {
        Validate(options);
        switch (options.DeviceToUse)
        {
            case Device.Cpu:
                break;
            case Device.Cuda:
                CudaProvider.Append(session, options.DeviceMemoryLimit);
                break;
            case Device.DirectMl:
                session.AppendExecutionProvider_DML();
                break;
            case Device.CoreMl:
                session.AppendExecutionProvider("CoreML");
                break;
            default:
                session.AppendExecutionProvider_OpenVINO();
                break;
        }
    }
}

/// <summary>The device that networks run on.</summary>
/// <param name="Device">Never <see cref="Device.Auto"/>.</param>
/// <param name="Notice">One sentence on what a faster one lacks; null where there is nothing to say.</param>
internal sealed record DeviceChoice(Device Device, string? Notice);
