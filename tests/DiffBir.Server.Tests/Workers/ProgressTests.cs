using DiffBir.Bench;
using DiffBir.Imaging;
using DiffBir.Options;
using DiffBir.Packs;
using DiffBir.Restoration;
using DiffBir.Server.Workers;
using DiffBir.Tests.Imaging;

namespace DiffBir.Server.Tests.Workers;

public sealed class ProgressTests
{
    [Fact]
    public void Previews_take_a_small_share_of_the_time()
    {
        var time = new ManualTime();
        var pace = new PreviewPace(time);
        pace.Begin(RestorationStage.Encoding);
        time.Advance(5);
        pace.Begin(RestorationStage.Sampling);
        var made = 0;
        for (var step = 0; step < 100; step++)
        {
            time.Advance(10);
            if (pace.IsTime())
            {
                pace.Measure(() => time.Advance(12));
                made++;
            }
        }

        made.ShouldBeGreaterThan(5);
        (made * 12).ShouldBeLessThan((int)(0.16 * (1000 + made * 12)));
    }

    [Fact]
    public void Cheap_previews_come_no_more_often_than_eyes_can_follow()
    {
        var time = new ManualTime();
        var pace = new PreviewPace(time);
        pace.Begin(RestorationStage.Encoding);
        pace.Begin(RestorationStage.Sampling);
        var made = 0;
        for (var step = 0; step < 100; step++)
        {
            time.Advance(0.01);
            if (pace.IsTime())
            {
                pace.Measure(() => { });
                made++;
            }
        }

        made.ShouldBeInRange(3, 4);
    }

    [Fact]
    public void The_work_is_what_the_options_ask_for()
    {
        using var folder = new TemporaryFolder();
        TinyPack.Write(folder.Path);
        var pack = PackReader.Read(folder.Path);
        using var photo = Photo.Of(Pictures.Gradient(64, 64));
        RestorationWork WorkOf(RestorationOptions options)
        {
            using var restorer = new Restorer(pack, options);
            return restorer.Work(photo);
        }

        var plain = WorkOf(new());
        var more = WorkOf(new() { Sampling = new() { Steps = 20 } });
        var guided = WorkOf(new() { Guidance = new() { Scale = 1 } });
        var prompted = WorkOf(new() { Sampling = new() { CfgScale = 4 } });
        var larger = WorkOf(new() { Upscale = 4 });
        var faithful = WorkOf(new() { Stage1Only = true });

        (more.Of(RestorationStage.Sampling) / plain.Of(RestorationStage.Sampling)).ShouldBe(10, 1e-9);
        (prompted.Of(RestorationStage.Sampling) / plain.Of(RestorationStage.Sampling)).ShouldBe(2, 1e-9);
        guided.Of(RestorationStage.Sampling).ShouldBeGreaterThan(plain.Of(RestorationStage.Sampling));
        larger.Of(RestorationStage.Decoding).ShouldBeGreaterThan(plain.Of(RestorationStage.Decoding));
        faithful.Total.ShouldBe(plain.Of(RestorationStage.RemovingDegradation));
    }
}
