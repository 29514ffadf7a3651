using System.Runtime.Intrinsics.X86;
using TorchSharp;

namespace DiffBir.Training.Execution;

/// <summary>
/// Where products in bfloat16 are fast. A processor without instructions for them computes them one at a time: a step of the pack mini
/// took 25 times as long on AVX2 as in 32 bits.
/// </summary>
internal static class BFloat16Support
{
    /// <summary>The limits of oneDNN's <c>ONEDNN_MAX_CPU_ISA</c> that leave the instructions unused.</summary>
    private static readonly string[] LimitsBelow =
    [
        "SSE41",
        "AVX",
        "AVX2",
        "AVX2_VNNI",
        "AVX2_VNNI_2",
        "AVX512_CORE",
        "AVX512_CORE_VNNI",
    ];

    /// <summary>Whether this processor has AVX-512 BF16 or AMX BF16, and the operating system lets programs use AVX-512.</summary>
    public static bool IsInProcessor { get; } = Avx512BW.IsSupported && (HasAvx512() || HasAmx());

    /// <summary>Whether a device computes products in bfloat16 faster than in 32 bits.</summary>
    /// <param name="device">The kind of device.</param>
    /// <param name="limit">What oneDNN is limited to by <c>ONEDNN_MAX_CPU_ISA</c>; null for nothing.</param>
    public static bool IsFastOn(DeviceType device, string? limit) =>
        device == DeviceType.CUDA || (IsInProcessor && !LimitsBelow.Contains(limit, StringComparer.OrdinalIgnoreCase));

    // Bits of CPUID: Intel's manual, volume 2A, "CPUID", leaf 7.
    private static bool HasAvx512() => IsSet(X86Base.CpuId(7, 1).Eax, 5);

    private static bool HasAmx() => IsSet(X86Base.CpuId(7, 0).Edx, 22) && IsSet(X86Base.CpuId(7, 0).Edx, 24);

    private static bool IsSet(int register, int bit) => ((register >> bit) & 1) == 1;
}
