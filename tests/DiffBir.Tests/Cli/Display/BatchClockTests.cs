using DiffBir.Cli.Display;
using DiffBir.Restoration;
using DiffBir.Tests.Support;

namespace DiffBir.Tests.Cli.Display;

public sealed class BatchClockTests
{
    private static readonly RestorationWork Work = new([
        new(RestorationStage.RemovingDegradation, 100),
        new(RestorationStage.Sampling, 300),
    ]);

    private readonly ManualTime _time = new();

    [Fact]
    public void Before_anything_is_measured_nobody_pretends_to_know()
    {
        var clock = new BatchClock(3, _time);
        clock.Begin();
        clock.Plan(WorkWith);
        clock.After(new(RestorationStage.RemovingDegradation, 0, 1));
        _time.Advance(5);

        clock.Now().ShouldBe(new BatchEstimate(0, null, null));
    }

    [Fact]
    public void The_first_photo_says_how_long_all_will_take_as_soon_as_its_own_time_is_known()
    {
        var clock = new BatchClock(3, _time);
        clock.Begin();
        clock.Plan(WorkWith);
        clock.After(new(RestorationStage.RemovingDegradation, 0, 1));
        _time.Advance(10);
        clock.After(new(RestorationStage.Sampling, 0, 1));

        // 40 s for each photo, of which 10 are over.
        clock.Now().ShouldBe(new BatchEstimate(0.25, TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(30 + (2 * 40))));
    }

    [Fact]
    public void Later_photos_move_by_the_rate_of_the_first_from_their_beginning()
    {
        var clock = new BatchClock(2, _time);
        RestoreOne(clock);

        clock.Begin();
        clock.Plan(WorkWith);
        clock.After(new(RestorationStage.RemovingDegradation, 0, 1));
        _time.Advance(5); // half of stage 1

        clock.Now().ShouldBe(new BatchEstimate(0.125, TimeSpan.FromSeconds(35), TimeSpan.FromSeconds(35)));
    }

    [Fact]
    public void What_failed_or_was_passed_over_says_nothing_about_the_others()
    {
        var clock = new BatchClock(4, _time);
        RestoreOne(clock);
        clock.End(wasRestored: false); // passed over: it was none of the four
        clock.Begin();
        _time.Advance(1);
        clock.End(wasRestored: false);

        clock.Now().LeftOfBatch.ShouldBe(TimeSpan.FromSeconds(2 * 40));
    }

    [Fact]
    public void Faces_count_as_much_as_they_are_work()
    {
        var clock = new BatchClock(1, _time);
        clock.Begin();
        clock.Plan(WorkWith);

        clock.After(new(RestorationStage.RemovingDegradation, 0, 1) { Face = 2, Faces = 3 });
        clock.Now().Photo.ShouldBe(0.2, 1e-9);

        clock.After(new(RestorationStage.Sampling, 1, 1) { Face = 0, Faces = 3 });
        clock.Now().Photo.ShouldBe(1, 1e-9);
    }

    private static RestorationWork WorkWith(int faces) =>
        new([
            .. Enumerable
                .Range(1, faces)
                .Select(face => new StageWork(RestorationStage.RemovingDegradation, 200) { Face = face }),
            .. Work.Stages,
        ]);

    private void RestoreOne(BatchClock clock)
    {
        clock.Begin();
        clock.Plan(WorkWith);
        clock.After(new(RestorationStage.RemovingDegradation, 0, 1));
        _time.Advance(10);
        clock.After(new(RestorationStage.Sampling, 0, 1));
        _time.Advance(30);
        clock.End(wasRestored: true);
    }
}
