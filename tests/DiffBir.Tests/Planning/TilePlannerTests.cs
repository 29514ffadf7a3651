using DiffBir.Autoencoding;
using DiffBir.Options;
using DiffBir.Packs;
using DiffBir.Planning;
using DiffBir.Tiling;

namespace DiffBir.Tests.Planning;

public sealed class TilePlannerTests
{
    private const long Plenty = 1L << 40;

    [Fact]
    public void With_plenty_of_memory_a_small_image_is_not_cut()
    {
        var plan = Plan(new TilingOptions(), Plenty, 512, 512);

        plan.ShouldBe(new TilePlan(null, null, null, VaeTiling.Exact, null, null, PadsLatent: false));
    }

    [Fact]
    public void With_little_memory_the_autoencoder_is_cut_into_tiles_that_fit()
    {
        const long Little = 3L << 30; // full-size decoding of 1024×1024 needs far more

        var plan = Plan(new TilingOptions { MaxMemory = Little }, Plenty, 1024, 1024);

        plan.Decoder.ShouldNotBeNull();
        plan.Decoder.Value.Side.ShouldBeInRange(128, 960);
        (plan.Decoder.Value.Side % 64).ShouldBe(0);
    }

    [Fact]
    public void The_denoiser_sees_a_large_image_in_tiles_of_the_size_it_was_trained_with()
    {
        var plan = Plan(new TilingOptions(), Plenty, 2048, 1024);

        plan.Denoiser.ShouldBe(new TileSize(64, 48));
        plan.PadsLatent.ShouldBeTrue();
    }

    [Fact]
    public void Off_means_off_whatever_the_size()
    {
        var plan = Plan(new TilingOptions { Tile = TileChoice.Off }, availableBytes: 1, 4096, 4096);

        plan.ShouldBe(new TilePlan(null, null, null, VaeTiling.Exact, null, null, PadsLatent: false));
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

        plan.Stage1.ShouldBeNull();
        plan.Decoder.ShouldBe(new TileSize(256, 128));
        plan.Denoiser.ShouldBe(new TileSize(64, 32));
    }

    [Fact]
    public void A_long_strip_is_cut_along_its_long_side()
    {
        var plan = Plan(new TilingOptions { Tile = TileChoice.Of(512) }, Plenty, 256, 8192);

        plan.Stage1.ShouldBe(new TileSize(512, 256));
    }

    [Fact]
    public void An_image_shorter_than_a_tile_and_not_much_larger_in_all_is_left_whole()
    {
        var plan = Plan(new TilingOptions { Tile = TileChoice.Of(512) }, Plenty, 400, 600);

        plan.Stage1.ShouldBeNull();
        plan.Denoiser.ShouldBeNull();
        plan.PadsLatent.ShouldBeTrue(); // as in the original: asking for tiles is enough
    }

    private static TilePlan Plan(TilingOptions options, long availableBytes, int height, int width)
    {
        var pack = PackCatalog.Find("v2.1");
        var planner = new TilePlanner(pack, pack.Tasks[RestorationTask.Sr], options, MemoryBudget.Of(options, availableBytes));
        return planner.Plan(height, width, height, width, guidesInPixels: false);
    }
}
