using DiffBir.Bench;
using DiffBir.Imaging;
using DiffBir.Options;
using DiffBir.Packs;
using DiffBir.Restoration;
using DiffBir.Server.Tests.Support;
using DiffBir.Server.Workers;
using DiffBir.Tests.Imaging;

namespace DiffBir.Server.Tests.Workers;

public sealed class ProgressTests
{
    private static readonly RestorationWork Work = new([
        new(RestorationStage.RemovingDegradation, 100),
        new(RestorationStage.Encoding, 100),
        new(RestorationStage.Sampling, 800),
        new(RestorationStage.Decoding, 200),
        new(RestorationStage.Finishing, 0),
    ]);

    [Fact]
    public void Before_anything_is_measured_nobody_pretends_to_know()
    {
        var remaining = new RemainingTime(Work, new MeasuredSpeeds(), new ManualTime());

        var view = remaining.After(new(RestorationStage.RemovingDegradation, 0, 1));

        view.SecondsLeft.ShouldBeNull();
        view.Fraction.ShouldBe(0);
    }

    [Fact]
    public void The_first_guess_is_by_the_arithmetic_that_is_left()
    {
        var time = new ManualTime();
        var remaining = new RemainingTime(Work, new MeasuredSpeeds(), time);
        remaining.After(new(RestorationStage.RemovingDegradation, 0, 1));
        time.Advance(10);
        remaining.After(new(RestorationStage.RemovingDegradation, 1, 1));

        var view = remaining.After(new(RestorationStage.Encoding, 0, 2));

        view.SecondsLeft.ShouldBe(110); // 1,100 at 10 a second
        view.Fraction.ShouldBe(100.0 / 1200, 1e-9);
    }

    [Fact]
    public void As_soon_as_steps_are_measured_they_decide()
    {
        var time = new ManualTime();
        var speeds = new MeasuredSpeeds();
        speeds.Add(RestorationStage.Decoding, 200, 3);
        var remaining = new RemainingTime(Work, speeds, time);
        remaining.After(new(RestorationStage.Sampling, 0, 10));
        time.Advance(60); // loading
        remaining.After(new(RestorationStage.Sampling, 1, 10));
        time.Advance(4);

        var view = remaining.After(new(RestorationStage.Sampling, 2, 10));

        view.SecondsLeft.ShouldBe(8 * 4 + 3);
    }

    [Fact]
    public void A_later_job_knows_the_speed_of_earlier_ones_at_once()
    {
        var time = new ManualTime();
        var speeds = new MeasuredSpeeds();
        var first = new RemainingTime(Work, speeds, time);
        foreach (var stage in Enum.GetValues<RestorationStage>())
        {
            first.After(new(stage, 0, 1));
            time.Advance(2);
            first.After(new(stage, 1, 1));
        }

        first.EndStage();

        new RemainingTime(Work, speeds, time).After(new(RestorationStage.RemovingDegradation, 0, 1)).SecondsLeft.ShouldBe(8); // the last part is no arithmetic
    }

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
