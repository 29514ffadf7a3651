using DiffBir.Options;
using DiffBir.Packs;
using DiffBir.Planning;
using DiffBir.Restoration;
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

    private static void ShouldBeWhole(TilePlan plan)
    {
        TiledPart[] parts = [TiledPart.Stage1, TiledPart.Encoder, TiledPart.Denoiser, TiledPart.Decoder];
        parts.ShouldAllBe(part => plan[part] == null);
        plan.PadsLatent.ShouldBeFalse();
    }

    private static TilePlan Plan(TilingOptions tiling, long availableBytes, int height, int width)
    {
        var pack = PackCatalog.Find("v2.1");
        var settings = new RestorationOptions { Tiling = tiling }.Settle(pack);
        var planner = new TilePlanner(settings.Tiling, MemoryBudget.Of(settings.Tiling.MemoryLimit, availableBytes));
        var size = new Size(height, width);
        return Pipeline.Of(pack, settings).Plan(planner, new RestorationSizes(size, size, size));
    }
}
