using DiffBir.Engine;
using DiffBir.Options;
using DiffBir.Packs;
using DiffBir.Planning;
using DiffBir.Restoration;
using DiffBir.Tests.Support;
using DiffBir.Tiling;

namespace DiffBir.Tests.Planning;

public sealed class TilePlannerTests
{
    private const long Plenty = 1L << 40;

    [Fact]
    public void With_plenty_of_memory_a_small_image_is_not_cut()
    {
        var plan = Plan(new TilingOptions(), Plenty, 512, 512);

        ShouldBeWhole(plan);
    }

    [Fact]
    public void With_little_memory_the_autoencoder_is_cut_into_tiles_that_fit()
    {
        const long Little = 3L << 30; // full-size decoding of 1024×1024 needs far more

        var plan = Plan(new TilingOptions { MaxMemory = Little }, Plenty, 1024, 1024);

        var side = plan[TiledPart.Decoder].ShouldNotBeNull().Side;
        side.ShouldBeInRange(128, 960);
        (side % 64).ShouldBe(0);
    }

    [Fact]
    public void The_denoiser_sees_a_large_image_in_tiles_of_the_size_it_was_trained_with()
    {
        var plan = Plan(new TilingOptions(), Plenty, 2048, 1024);

        plan[TiledPart.Denoiser].ShouldBe(new TileSize(512, 384));
        plan.PadsLatent.ShouldBeTrue();
    }

    [Fact]
    public void Off_means_off_whatever_the_size()
    {
        var plan = Plan(new TilingOptions { Tile = TileChoice.Off }, availableBytes: 1, 4096, 4096);

        ShouldBeWhole(plan);
    }

    [Fact]
    public void An_explicit_tile_holds_for_every_part_unless_a_part_has_its_own()
    {
        var options = new TilingOptions
        {
            Tile = TileChoice.Of(512),
            Stage1Tile = TileChoice.Off,
            VaeTile = TileChoice.Of(256),
        };

        var plan = Plan(options, Plenty, 1024, 1024);

        plan[TiledPart.Stage1].ShouldBeNull();
        plan[TiledPart.Decoder].ShouldBe(new TileSize(256, 128));
        plan[TiledPart.Denoiser].ShouldBe(new TileSize(512, 256));
    }

    [Fact]
    public void A_long_strip_is_cut_along_its_long_side()
    {
        var plan = Plan(new TilingOptions { Tile = TileChoice.Of(512) }, Plenty, 256, 8192);

        plan[TiledPart.Stage1].ShouldBe(new TileSize(512, 256));
    }

    [Fact]
    public void An_image_shorter_than_a_tile_and_not_much_larger_in_all_is_left_whole()
    {
        var plan = Plan(new TilingOptions { Tile = TileChoice.Of(512) }, Plenty, 400, 600);

        plan[TiledPart.Stage1].ShouldBeNull();
        plan[TiledPart.Denoiser].ShouldBeNull();
        plan.PadsLatent.ShouldBeTrue(); // as in the original: asking for tiles is enough
    }

    [Fact]
    public void The_plan_is_told_in_the_order_of_the_stages() =>
        Plan(new TilingOptions { VaeDecoderTile = TileChoice.Of(256) }, Plenty, 512, 768)
            .Describe()
            .ShouldBe("Tiles: stage 1 whole, encoder whole, denoiser whole, decoder 256 pixels.");

    [Fact]
    public void A_GPU_with_little_free_memory_gets_smaller_tiles_however_much_the_machine_has()
    {
        var engine = new EngineOptions { Device = Device.Cuda, Probe = Machines.WithCuda };

        var plenty = Plan(new TilingOptions(), Plenty, 1024, 1024, new Gpu(engine, FreeBytes: Plenty));
        var little = Plan(new TilingOptions(), Plenty, 1024, 1024, new Gpu(engine, FreeBytes: 2L << 30));

        ShouldBeWhole(plenty);
        little[TiledPart.Decoder].ShouldNotBeNull().Side.ShouldBeInRange(128, 960);
    }

    [Theory]
    [InlineData(8L << 30, 4L << 30, 4L << 30)]
    [InlineData(4L << 30, 8L << 30, 4L << 30)]
    [InlineData(null, 4L << 30, 4L << 30)]
    public void Of_a_GPU_the_smaller_is_used_of_what_is_allowed_and_most_of_what_is_free(long? allowed, long free, long smaller)
    {
        const double Share = 0.8; // the rest is for what libraries take beside the arena
        var limit = allowed is { } bytes ? MemoryLimit.Of(bytes) : MemoryLimit.WhatIsFree;

        var networks = MemoryBudget.Of(limit, Plenty, free).Networks;

        networks.ShouldBe(free == smaller ? (long)(Share * free) : smaller);
        MemoryBudget.Of(limit, Plenty).Networks.ShouldNotBe(networks);
    }

    private static void ShouldBeWhole(TilePlan plan)
    {
        TiledPart[] parts = [TiledPart.Stage1, TiledPart.Encoder, TiledPart.Denoiser, TiledPart.Decoder];
        parts.ShouldAllBe(part => plan[part] == null);
        plan.PadsLatent.ShouldBeFalse();
    }

    private static TilePlan Plan(TilingOptions tiling, long availableBytes, int height, int width, Gpu? gpu = null)
    {
        var pack = PackCatalog.Find("v2.1");
        var settings = new RestorationOptions { Tiling = tiling, Engine = gpu?.Engine ?? new() }.Settle(pack);
        var budget = MemoryBudget.Of(settings.Tiling.MemoryLimit, availableBytes, gpu?.FreeBytes);
        var planner = new TilePlanner(settings.Tiling, budget);
        var size = new Size(height, width);
        return Pipeline.Of(pack, settings).Plan(planner, new RestorationSizes(size, size, size));
    }

    private sealed record Gpu(EngineOptions Engine, long FreeBytes);
}
