using System.Globalization;
using Microsoft.ML.OnnxRuntime;

namespace DiffBir.Engine;

/// <summary>ONNX Runtime's provider for CUDA as we want it.</summary>
internal static class CudaProvider
{
    /// <summary>Enables it for a session.</summary>
    /// <param name="options">The session's.</param>
    /// <param name="limit">What its arena may take of the GPU's memory, in bytes; null: all of it.</param>
    /// <exception cref="OnnxRuntimeException">It cannot be started.</exception>
    public static void Append(SessionOptions options, long? limit)
    {
        using var cuda = new OrtCUDAProviderOptions();
        cuda.UpdateOptions(OptionsOf(limit));
        options.AppendExecutionProvider_CUDA(cuda);
    }

    /// <summary>The provider's options in its own words.</summary>
    /// <param name="limit">What the arena may take, in bytes; null: all there is.</param>
    public static Dictionary<string, string> OptionsOf(long? limit)
    {
        // By itself the provider rounds the factors of 32-bit products to 10 bits: that is not what fp32 promises.
        var options = new Dictionary<string, string>(StringComparer.Ordinal) { ["use_tf32"] = "0" };
        if (limit is { } bytes)
        {
            options["gpu_mem_limit"] = bytes.ToString(CultureInfo.InvariantCulture);
            // By itself the arena grows by powers of two, and meets the limit with half of it unused.
            options["arena_extend_strategy"] = "kSameAsRequested";
        }

        return options;
    }
}
