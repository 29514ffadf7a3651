using DiffBir.Cli.Trials;
using DiffBir.Metrics.Reports;

namespace DiffBir.Tests.Cli.Trials;

public sealed class TrialSummaryTests
{
    private const double Rounding = 1e-12;

    private static readonly TrialGroup Mild = TrialGroup.All(1)[0];
    private static readonly TrialGroup Heavy = TrialGroup.All(1)[^1];

    [Fact]
    public void The_gain_of_a_method_is_the_mean_over_all_pictures()
    {
        var trial = Summary();

        trial.Gain("stage 1", "bicubic").ShouldBe((1 - 0.5 + 4 + 3) / 4, Rounding);
        trial.Mean("stage 1").Values["psnr"]!.Value.ShouldBe((31 + 29.5 + 24 + 23) / 4, Rounding);
        trial.Mean("stage 1", Heavy.Name).Values["psnr"]!.Value.ShouldBe(23.5, Rounding);
    }

    [Fact]
    public void The_worst_mild_photo_is_named()
    {
        var (photo, gain) = Summary().WorstMild("stage 1", "bicubic")!.Value;

        photo.Photo.ShouldBe("b.png");
        photo.Group.ShouldBe(Mild);
        gain.ShouldBe(-0.5, Rounding);
    }

    [Fact]
    public void The_photo_that_suffers_most_in_the_autoencoder_is_named()
    {
        var trial = Summary();

        trial.WorstRoundTrip.ShouldBe(("b.png", 28));
        trial.RoundTrip!.Values["psnr"].ShouldBe(31);
    }

    [Fact]
    public void Both_families_are_tried_in_every_severity() =>
        TrialGroup
            .All(1)
            .Select(group => group.Name)
            .ShouldBe([
                "codeformer mild",
                "codeformer medium",
                "codeformer heavy",
                "realesrgan mild",
                "realesrgan medium",
                "realesrgan heavy",
            ]);

    private static TrialSummary Summary() =>
        new(
            [
                Result(Mild, "bicubic", "a.png", 30),
                Result(Mild, "stage 1", "a.png", 31),
                Result(Mild, "bicubic", "b.png", 30),
                Result(Mild, "stage 1", "b.png", 29.5),
                Result(Heavy, "bicubic", "a.png", 20),
                Result(Heavy, "stage 1", "a.png", 24),
                Result(Heavy, "bicubic", "b.png", 20),
                Result(Heavy, "stage 1", "b.png", 23),
            ],
            [("a.png", Scored(34)), ("b.png", Scored(28))]
        );

    private static TrialResult Result(TrialGroup group, string method, string photo, double psnr) =>
        new(group, method, photo, Scored(psnr));

    private static Scores Scored(double psnr) => new(new Dictionary<string, double?> { ["psnr"] = psnr });
}
