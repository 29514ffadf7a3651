using DiffBir.Training.Execution;
using DiffBir.Training.Tests.Native;
using TorchSharp;

namespace DiffBir.Training.Tests.Execution;

public sealed class BFloat16SupportTests
{
    [LinuxFact]
    public void The_processor_s_instructions_are_those_that_the_kernel_names()
    {
        var flags =
            File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("flags", StringComparison.Ordinal)) ?? "";
        var names = flags.Split(' ');

        BFloat16Support.IsInProcessor.ShouldBe(names.Contains("avx512_bf16") || names.Contains("amx_bf16"));
    }

    [Theory]
    [InlineData("sse41")]
    [InlineData("AVX2")]
    [InlineData("AVX512_CORE")]
    public void A_limit_below_the_instructions_counts(string limit) =>
        BFloat16Support.IsFastOn(DeviceType.CPU, limit).ShouldBeFalse();

    [Theory]
    [InlineData(null)]
    [InlineData("AVX512_CORE_BF16")]
    [InlineData("AVX512_CORE_AMX")]
    [InlineData("ALL")]
    public void Without_such_a_limit_the_processor_decides(string? limit) =>
        BFloat16Support.IsFastOn(DeviceType.CPU, limit).ShouldBe(BFloat16Support.IsInProcessor);

    [Fact]
    public void On_a_gpu_the_processor_does_not_count() => BFloat16Support.IsFastOn(DeviceType.CUDA, "SSE41").ShouldBeTrue();
}
