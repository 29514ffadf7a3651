using DiffBir.Engine;
using DiffBir.Graphs;
using DiffBir.Tests.Support;

namespace DiffBir.Tests.Engine;

public sealed class NetworkMemoryTests
{
    private const int Side = 1 << 14; // 1 GiB of weights

    private static readonly EngineOptions Processor = new() { Device = Device.Cpu };
    private static readonly EngineOptions Gpu = new() { Device = Device.Cuda, Probe = Machines.WithCuda };

    [Fact]
    public void A_GPU_has_all_weights_in_its_memory_the_processor_maps_those_of_large_networks()
    {
        var graph = Product(rows: Side + 1);

        NetworkMemory.Of(graph, Gpu with { Precision = Precision.Float32 }).ShouldBeGreaterThan(1L << 30);
        NetworkMemory.Of(graph, Processor).ShouldBeLessThan(1L << 20);
    }

    [Fact]
    public void In_16_bits_a_GPU_needs_half_and_that_is_what_it_computes_in()
    {
        var graph = Product(rows: 64);
        var whole = NetworkMemory.Of(graph, Gpu with { Precision = Precision.Float32 });

        NetworkMemory.Of(graph, Gpu).ShouldBe(whole / 2);
        NetworkMemory.Of(graph, Processor with { Precision = Precision.Float16 }).ShouldBe(NetworkMemory.Of(graph, Processor));
    }

    [Theory]
    [InlineData(Device.Auto, Precision.Float16)]
    [InlineData(Device.Cuda, Precision.Float16)]
    [InlineData(Device.Cpu, Precision.Float32)]
    public void Without_a_word_each_device_computes_in_what_it_is_made_for(Device device, Precision expected) =>
        (Gpu with { Device = device }).PrecisionToUse.ShouldBe(expected);

    [Fact]
    public void Whoever_names_a_number_format_gets_it()
    {
        (Gpu with { Precision = Precision.Float32 }).PrecisionToUse.ShouldBe(Precision.Float32);
        (Processor with { Precision = Precision.Float16 }).PrecisionToUse.ShouldBe(Precision.Float16);
    }

    [Fact]
    public void What_a_GPU_has_free_is_asked_of_the_driver_and_the_processor_has_none_of_its_own()
    {
        Gpu.FreeDeviceMemory().ShouldBe(Machines.GpuBytes / 2);
        Processor.FreeDeviceMemory().ShouldBeNull();
        (Gpu with { Probe = Machines.Of(driver: null) }).FreeDeviceMemory().ShouldBeNull();
    }

    private static Graph Product(int rows)
    {
        var g = new GraphBuilder("product");
        var x = g.Input("x", [1, Side]);
        return g.Build(("y", g.Linear(x, g.Parameter("weight", [rows, Side]), g.Parameter("bias", [rows]))));
    }
}
