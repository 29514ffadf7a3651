using DiffBir.Bench;
using DiffBir.Imaging;
using DiffBir.Options;
using DiffBir.Packs;
using DiffBir.Restoration;
using DiffBir.Server.Jobs;
using DiffBir.Server.Storage;
using DiffBir.Server.Tests.Support;
using DiffBir.Server.Workers;
using DiffBir.Tests.Imaging;
using Microsoft.Extensions.DependencyInjection;

namespace DiffBir.Server.Tests.Workers;

public sealed class ProgressTests
{
    [Fact]
    public void Previews_take_a_small_share_of_the_time()
    {
        var time = new ManualTime();
        var pace = new PreviewPace(isDecoded: true, time);
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
        (made * 12).ShouldBeLessThan((int)(0.16 * (1000 + (made * 12))));
    }

    [Fact]
    public void Cheap_previews_come_no_more_often_than_eyes_can_follow()
    {
        var time = new ManualTime();
        var pace = new PreviewPace(isDecoded: false, time);
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
    public void Previews_that_are_computed_from_the_latents_come_with_each_step()
    {
        var time = new ManualTime();
        var pace = new PreviewPace(isDecoded: false, time);
        pace.Begin(RestorationStage.Encoding);
        time.Advance(60);
        pace.Begin(RestorationStage.Sampling);
        for (var step = 0; step < 10; step++)
        {
            time.Advance(2);
            pace.IsTime().ShouldBeTrue($"step {step}");
            pace.Measure(() => time.Advance(0.05));
        }
    }

    [Fact]
    public async Task A_step_that_takes_its_time_moves_on_by_what_earlier_photos_took()
    {
        await using var bench = await ServerBench.StartAsync();
        var time = new TickingTime();
        var speeds = new MeasuredSpeeds();
        speeds.Add(RestorationStage.RemovingDegradation, flops: 1, seconds: 10);
        speeds.Add(RestorationStage.Sampling, flops: 1, seconds: 10);
        var services = bench.Services.GetRequiredService<ReportingServices>() with { Time = time, Speeds = speeds };
        using var live = new LiveJob(AnyJob());
        var work = new RestorationWork([new(RestorationStage.RemovingDegradation, 1), new(RestorationStage.Sampling, 1)]);
        using var reporter = new JobReporter(services, live, _ => work, outputPixels: 1, decodesPreviews: false);

        reporter.Events.OnProgress!(new(RestorationStage.RemovingDegradation, 0, 1));
        live.Progress!.Fraction.ShouldBe(0);
        time.Advance(4);

        live.Progress!.Stage.ShouldBe(RestorationStage.RemovingDegradation);
        live.Progress.Fraction.ShouldBe(0.2, 1e-9);
        live.Progress.SecondsLeft.ShouldBe(16);
    }

    private static Job AnyJob() =>
        new()
        {
            Id = JobId.New(),
            Owner = "",
            Model = "",
            Options = new Dictionary<string, string>(),
            Input = new Picture("", 1, 1, 1, ImageFormat.Png),
            Created = default,
        };

    /// <summary>A clock of which a test turns the hands; what waits for it is called.</summary>
    private sealed class TickingTime : TimeProvider
    {
        private readonly List<Action> _ticks = [];
        private TimeSpan _now;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _now.Ticks;

        public void Advance(double seconds)
        {
            _now += TimeSpan.FromSeconds(seconds);
            _ticks.ForEach(tick => tick());
        }

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            _ticks.Add(() => callback(state));
            return new Timer();
        }

        private sealed class Timer : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period) => true;

            public void Dispose() { }

            public ValueTask DisposeAsync() => ValueTask.CompletedTask;
        }
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
