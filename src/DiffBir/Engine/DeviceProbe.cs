using Microsoft.ML.OnnxRuntime;

namespace DiffBir.Engine;

/// <summary>What a machine has for networks to run on, as far as somebody asks. Each part is a function, so that tests can be other machines.</summary>
internal sealed class DeviceProbe
{
    private readonly Lazy<string?> _cudaProblem;

    public DeviceProbe() => _cudaProblem = new Lazy<string?>(() => CudaRequirements.Missing(this));

    /// <summary>This machine.</summary>
    public static DeviceProbe Here { get; } = new();

    /// <summary>The execution providers that this build of ONNX Runtime has.</summary>
    public Func<IReadOnlyCollection<string>> Providers { get; init; } = () => OnnxRuntime.AvailableProviders;

    /// <summary>NVIDIA's driver as it is now; null where there is none.</summary>
    public Func<NvidiaDriver?> Nvidia { get; init; } = () => NvidiaDriver.Read(NativeLibraries.Functions);

    /// <summary>Whether a native library can be loaded.</summary>
    public Func<string, bool> CanLoad { get; init; } = NativeLibraries.CanLoad;

    /// <summary>Starts ONNX Runtime's provider for CUDA, and says why it did not start; null where it did.</summary>
    public Func<string?> StartCuda { get; init; } = StartProviderOfCuda;

    /// <summary>What keeps CUDA from working, with the remedy, as the end of a sentence; null where nothing does. Found out once.</summary>
    public string? CudaProblem => _cudaProblem.Value;

    private static string? StartProviderOfCuda()
    {
        using var options = OnnxRuntime.CreateSessionOptions();
        try
        {
            CudaProvider.Append(options, limit: null);
            return null;
        }
        catch (OnnxRuntimeException exception)
        {
            return exception.Message;
        }
    }
}
