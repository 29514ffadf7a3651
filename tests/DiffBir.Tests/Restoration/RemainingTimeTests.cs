using DiffBir.Restoration;
using DiffBir.Tests.Support;

namespace DiffBir.Tests.Restoration;

public sealed class RemainingTimeTests
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
        var remaining = new RemainingTime(_ => Work, new MeasuredSpeeds(), new ManualTime());

        var view = remaining.After(new(RestorationStage.RemovingDegradation, 0, 1));

        view.SecondsLeft.ShouldBeNull();
        view.Fraction.ShouldBe(0);
    }

    [Fact]
    public void The_first_guess_is_by_the_arithmetic_that_is_left()
    {
        var time = new ManualTime();
        var remaining = new RemainingTime(_ => Work, new MeasuredSpeeds(), time);
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
        var remaining = new RemainingTime(_ => Work, speeds, time);
        remaining.After(new(RestorationStage.Sampling, 0, 10));
        time.Advance(60); // loading
        remaining.After(new(RestorationStage.Sampling, 1, 10));
        time.Advance(4);

        var view = remaining.After(new(RestorationStage.Sampling, 2, 10));

        view.SecondsLeft.ShouldBe((8 * 4) + 3);
    }

    [Fact]
    public void A_later_job_knows_the_speed_of_earlier_ones_at_once()
    {
        var time = new ManualTime();
        var speeds = new MeasuredSpeeds();
        var first = new RemainingTime(_ => Work, speeds, time);
        foreach (var stage in Enum.GetValues<RestorationStage>())
        {
            first.After(new(stage, 0, 1));
            time.Advance(2);
            first.After(new(stage, 1, 1));
        }

        first.EndStage();

        new RemainingTime(_ => Work, speeds, time).After(new(RestorationStage.RemovingDegradation, 0, 1)).SecondsLeft.ShouldBe(8); // the last part is no arithmetic
    }

    [Fact]
    public void In_the_middle_of_a_step_the_measured_rate_moves_it()
    {
        var time = new ManualTime();
        var speeds = new MeasuredSpeeds();
        speeds.Add(RestorationStage.RemovingDegradation, 100, 10);
        var remaining = new RemainingTime(_ => Work, speeds, time);
        remaining.After(new(RestorationStage.RemovingDegradation, 0, 2));

        time.Advance(2.5); // a quarter of the part
        remaining.Now().Fraction.ShouldBe(25.0 / 1200, 1e-9);

        time.Advance(60); // far longer than a step should take
        remaining.Now().Fraction.ShouldBe(0.95 * 50 / 1200, 1e-9);
        remaining.After(new(RestorationStage.RemovingDegradation, 1, 2)).Fraction.ShouldBe(50.0 / 1200, 1e-9);
    }

    [Fact]
    public void Without_a_rate_nothing_moves_between_steps()
    {
        var time = new ManualTime();
        var remaining = new RemainingTime(_ => Work, new MeasuredSpeeds(), time);
        remaining.After(new(RestorationStage.RemovingDegradation, 0, 1));
        time.Advance(5);

        remaining.Now().ShouldBe(new WorkEstimate(0, null));
    }

    [Fact]
    public void What_is_left_runs_down_between_steps_and_never_below_nothing()
    {
        var time = new ManualTime();
        var remaining = new RemainingTime(_ => Work, new MeasuredSpeeds(), time);
        remaining.After(new(RestorationStage.RemovingDegradation, 0, 1));
        time.Advance(10);
        remaining.After(new(RestorationStage.Encoding, 0, 2));

        time.Advance(30);
        remaining.Now().SecondsLeft.ShouldBe(80);

        time.Advance(1000);
        remaining.Now().SecondsLeft.ShouldBe(0);
    }

    [Fact]
    public void Faces_that_are_found_are_work_before_the_rest()
    {
        var time = new ManualTime();
        var face = new StageWork(RestorationStage.RemovingDegradation, 100);
        var remaining = new RemainingTime(
            faces => new([.. Enumerable.Range(1, faces).Select(number => face with { Face = number }), .. Work.Stages]),
            new MeasuredSpeeds(),
            time
        );
        RestorationProgress At(int number) => new(RestorationStage.RemovingDegradation, 0, 1) { Face = number, Faces = 2 };
        remaining.After(At(1));
        time.Advance(10);

        var second = remaining.After(At(2));
        time.Advance(10);
        var rest = remaining.After(At(0));

        second.Fraction.ShouldBe(100.0 / 1400, 1e-9);
        second.SecondsLeft.ShouldBe(130); // 1,300 at 10 a second
        rest.Fraction.ShouldBe(200.0 / 1400, 1e-9);
        rest.SecondsLeft.ShouldBe(120);
    }
}
