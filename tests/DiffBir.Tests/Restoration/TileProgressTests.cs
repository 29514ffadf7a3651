using DiffBir.Engine;
using DiffBir.Imaging;
using DiffBir.Options;
using DiffBir.Packs;
using DiffBir.Restoration;
using DiffBir.Tests.Imaging;

namespace DiffBir.Tests.Restoration;

/// <summary>A network that sees a large photo in tiles says how far it is.</summary>
public sealed class TileProgressTests
{
    private const int Side = 192;

    private static readonly ModelPack Pack = PackCatalog.Find("mini");

    [Theory]
    [InlineData(true, RestorationStage.RemovingDegradation)]
    [InlineData(false, RestorationStage.Sampling)]
    public void Each_tile_is_a_step(bool stage1Only, RestorationStage stage) =>
        Heard(stage1Only, new TilingOptions { Tile = TileChoice.Of(128) })
            .Where(progress => progress.Stage == stage)
            .ShouldBe([new(stage, 0, 1), new(stage, 1, 4), new(stage, 2, 4), new(stage, 3, 4), new(stage, 4, 4)]);

    [Fact]
    public void A_whole_photo_is_one_step() =>
        Heard(stage1Only: true, new TilingOptions())
            .ShouldBe([new(RestorationStage.RemovingDegradation, 0, 1), new(RestorationStage.RemovingDegradation, 1, 1)]);

    private static List<RestorationProgress> Heard(bool stage1Only, TilingOptions tiling)
    {
        var heard = new List<RestorationProgress>();
        var options = new RestorationOptions
        {
            Stage1Only = stage1Only,
            Upscale = 1,
            Tiling = tiling,
            Engine = new EngineOptions { Device = Device.Cpu, Threads = 1 },
        };
        using var restorer = new Restorer(Pack, options);
        using var lq = Photo.Of(Pictures.Gradient(Side, Side));
        foreach (var result in restorer.Restore(lq, new RestorationEvents { OnProgress = heard.Add }))
        {
            result.Dispose();
        }

        return heard;
    }
}
