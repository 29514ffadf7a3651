using Microsoft.ML.OnnxRuntime;

namespace DiffBir.Engine;

/// <summary>Finds and enables the execution providers of ONNX Runtime.</summary>
internal static class Devices
{
    /// <summary>The devices in the order in which <see cref="Device.Auto"/> prefers them.</summary>
    private static readonly (Device Device, string Provider, string Package)[] Providers =
    [
        (Device.Cuda, "CUDAExecutionProvider", "Microsoft.ML.OnnxRuntime.Gpu"),
        (Device.DirectMl, "DmlExecutionProvider", "Microsoft.ML.OnnxRuntime.DirectML"),
        (Device.CoreMl, "CoreMLExecutionProvider", "Microsoft.ML.OnnxRuntime (on macOS)"),
        (Device.OpenVino, "OpenVINOExecutionProvider", "Intel.ML.OnnxRuntime.OpenVino"),
    ];

    /// <summary>Enables the device's provider.</summary>
    /// <exception cref="EngineException">It is not installed; the message names the package.</exception>
    public static void Append(SessionOptions options, Device device)
    {
        var available = OnnxRuntime.AvailableProviders;
        if (device == Device.Auto)
        {
            device = Providers.FirstOrDefault(entry => available.Contains(entry.Provider)).Device;
        }

        if (device is Device.Cpu or Device.Auto)
        {
            return;
        }

        var (_, provider, package) = Providers.Single(entry => entry.Device == device);
        if (!available.Contains(provider))
        {
            throw new EngineException(
                $"The device {device} needs ONNX Runtime's {provider}, which is not installed. "
                    + $"Add the package {package}, or use the processor (--device cpu)."
            );
        }

        switch (device)
        {
            case Device.Cuda:
                options.AppendExecutionProvider_CUDA();
                break;
            case Device.DirectMl:
                options.AppendExecutionProvider_DML();
                break;
            case Device.CoreMl:
                options.AppendExecutionProvider("CoreML");
                break;
            default:
                options.AppendExecutionProvider_OpenVINO();
                break;
        }
    }
}
