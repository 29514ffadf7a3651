using DiffBir.Engine;
using DiffBir.Options;
using DiffBir.Packs;
using DiffBir.Planning;
using DiffBir.Restoration;
using DiffBir.Tests.Support;

namespace DiffBir.Tests.Restoration;

/// <summary>A restoration on a GPU is planned for the GPU's memory, and takes no more of it than is allowed.</summary>
public sealed class DeviceMemoryTests
{
    private const int Side = 1024;
    private const long Allowed = Side * Side * BytesOfPixel;
    private const long BytesOfPixel = 1000;

    private static readonly TileDemand Whole = new(Side, Side, (height, width) => height * width * BytesOfPixel);

    [Fact]
    public void Tiles_are_planned_for_what_the_GPU_has_free()
    {
        SideOf(Gpu(freeBytes: 8L << 30)).ShouldBeNull();
        SideOf(Gpu(freeBytes: 1L << 30)).ShouldNotBeNull().ShouldBeInRange(512, 960);
        SideOf(Gpu(freeBytes: null)).ShouldBe(SideOf(new EngineOptions { Device = Device.Cpu })); // nobody tells
    }

    [Fact]
    public void What_is_allowed_is_the_limit_of_the_GPUs_arena_too()
    {
        using var networks = Networks(Gpu(freeBytes: 8L << 30), maxMemory: Allowed);

        networks.Settings.Engine.DeviceMemoryLimit.ShouldBe(Allowed);
        networks.Planner.Choose(TileRule.Auto, Whole).ShouldBeNull(); // a whole needs as much as is allowed
    }

    [Fact]
    public void Faces_are_found_in_what_the_GPU_has_free_and_in_32_bits_unless_16_are_asked_for()
    {
        var files = new PackFiles(FaceFiles.Pack, []);
        using var networks = new FaceNetworks(files, swapsColors: false, Gpu(freeBytes: 8L << 30));
        using var halved = new FaceNetworks(files, swapsColors: false, networks.Engine with { Precision = Precision.Float16 });

        networks.FreeDeviceMemory().ShouldBe(8L << 30);
        networks.Engine.PrecisionToUse.ShouldBe(Precision.Float32);
        halved.Engine.PrecisionToUse.ShouldBe(Precision.Float16);
    }

    /// <summary>The side of the tiles; null: the whole at once.</summary>
    private static int? SideOf(EngineOptions engine)
    {
        using var networks = Networks(engine, maxMemory: null);
        return networks.Planner.Choose(TileRule.Auto, Whole)?.Side;
    }

    private static RestorationNetworks Networks(EngineOptions engine, long? maxMemory)
    {
        var pack = PackCatalog.Find(PackCatalog.Mini);
        var options = new RestorationOptions
        {
            Engine = engine,
            Tiling = new() { MaxMemory = maxMemory },
        };
        return new RestorationNetworks(pack, options.Settle(pack), new PackFiles(pack, []));
    }

    private static EngineOptions Gpu(long? freeBytes)
    {
        var gpu = new NvidiaGpu("NVIDIA RTX 9000", Machines.GpuBytes, freeBytes);
        return new EngineOptions { Probe = Machines.Of(Machines.Driver with { Gpu = gpu }) };
    }
}
