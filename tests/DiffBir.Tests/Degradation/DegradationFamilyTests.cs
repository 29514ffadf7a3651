using System.Text.Json;
using DiffBir.Degradation;
using DiffBir.Randomness;
using DiffBir.Tests.Imaging;

namespace DiffBir.Tests.Degradation;

public sealed class DegradationFamilyTests
{
    private static readonly Dictionary<string, DegradationFamily> ByName = new(StringComparer.Ordinal)
    {
        ["codeformer"] = new CodeFormerDegradation(),
        ["codeformer, mild"] = CodeFormerDegradation.For(Severity.Mild),
        ["codeformer, heavy"] = CodeFormerDegradation.For(Severity.Heavy),
        ["realesrgan"] = new RealEsrganDegradation(),
        ["realesrgan, mild"] = RealEsrganDegradation.For(Severity.Mild),
        ["realesrgan, heavy"] = RealEsrganDegradation.For(Severity.Heavy),
        ["independent"] = new IndependentDegradation
        {
            BlurProbability = 0.5,
            DownsampleProbability = 0.5,
            NoiseProbability = 0.9,
            GaussianSigma = new(5, 50),
            PoissonScale = new(0.5, 3),
            GrainProbability = 0.5,
            SensorProbability = 0.3,
            JpegProbability = 0.9,
        },
    };

    public static TheoryData<string> Families => [.. ByName.Keys];

    [Theory]
    [MemberData(nameof(Families))]
    public void The_same_seed_image_and_epoch_give_the_same_picture_and_others_do_not(string name)
    {
        var family = ByName[name];
        var clean = Pictures.Gradient(48, 64);

        var first = family.Apply(clean, SplitMix64.For(7, "a.png", 2));
        var again = family.Apply(clean, SplitMix64.For(7, "a.png", 2));

        again.Lq.Data.ShouldBe(first.Lq.Data);
        again.Recipe.ToString().ShouldBe(first.Recipe.ToString());
        foreach (
            var other in new[] { SplitMix64.For(8, "a.png", 2), SplitMix64.For(7, "b.png", 2), SplitMix64.For(7, "a.png", 3) }
        )
        {
            family.Apply(clean, other).Lq.Data.SequenceEqual(first.Lq.Data).ShouldBeFalse();
        }
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void Every_size_down_to_one_pixel_gives_an_image_in_range(string name)
    {
        var family = ByName[name];
        foreach (var (height, width) in new[] { (1, 1), (1, 40), (33, 7), (50, 61) })
        {
            for (var seed = 0; seed < 12; seed++)
            {
                var pair = family.Apply(Pictures.Gradient(height, width), SplitMix64.For(seed, "image"));

                pair.Lq.Shape.ToArray().ShouldBe([1, 3, height, width], pair.Recipe.ToString());
                pair.Lq.Data.ShouldAllBe(value => value >= 0 && value <= 1);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void A_shrunken_result_has_the_size_that_the_upscaling_undoes(string name)
    {
        var smaller = ByName[name] with { Shrink = 4 };

        smaller.Apply(Pictures.Gradient(64, 98), SplitMix64.For(1, "image")).Lq.Shape.ToArray().ShouldBe([1, 3, 16, 24]);
    }

    [Fact]
    public void The_clean_image_is_left_alone_unless_the_family_sharpens_it()
    {
        var clean = Pictures.Gradient(64, 64);
        var before = (float[])clean.Data.Clone();

        var codeFormer = new CodeFormerDegradation().Apply(clean, SplitMix64.For(1, "image"));
        var realEsrgan = new RealEsrganDegradation().Apply(clean, SplitMix64.For(1, "image"));

        clean.Data.ShouldBe(before);
        codeFormer.Clean.ShouldBeSameAs(clean);
        realEsrgan.Clean.Data.SequenceEqual(before).ShouldBeFalse();
    }

    [Fact]
    public void The_heavier_the_severity_the_farther_from_the_clean_image()
    {
        var clean = Pictures.Gradient(96, 96);
        double Error(DegradationFamily family) =>
            Enumerable
                .Range(0, 8)
                .Average(seed =>
                    family
                        .Apply(clean, SplitMix64.For(seed, "image"))
                        .Lq.Data.Zip(clean.Data, (a, b) => (a - b) * (a - b))
                        .Average()
                );

        var codeFormer = Enum.GetValues<Severity>().Select(s => Error(CodeFormerDegradation.For(s)));
        var realEsrgan = Enum.GetValues<Severity>().Select(s => Error(RealEsrganDegradation.For(s)));

        codeFormer.ShouldBeInOrder();
        realEsrgan.ShouldBeInOrder();
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void A_family_survives_json(string name)
    {
        var family = ByName[name];
        var json = JsonSerializer.Serialize(family);

        JsonSerializer.Deserialize<DegradationFamily>(json).ShouldBe(family);
        json.ShouldContain("\"family\":");
    }

    [Fact]
    public void Ranges_in_json_are_pairs_of_numbers() =>
        JsonSerializer
            .Deserialize<DegradationFamily>("""{ "family": "codeformer", "BlurSigma": [1, 2], "JpegQuality": [40, 50] }""")
            .ShouldBe(new CodeFormerDegradation { BlurSigma = new(1, 2), JpegQuality = new(40, 50) });

    [Fact]
    public void An_impossible_range_is_named_with_what_is_allowed()
    {
        var family = new CodeFormerDegradation { JpegQuality = new(90, 30) };

        Should
            .Throw<DiffBirException>(family.Validate)
            .Message.ShouldBe("The range JpegQuality is [90, 30]. Give [low, high] with 1 <= low <= high <= 100.");
    }

    [Fact]
    public void An_impossible_range_of_a_round_is_named_with_its_round()
    {
        var family = new RealEsrganDegradation { Second = new DegradationRound { ResizeFactor = new(1.1, 2) } };

        Should
            .Throw<DiffBirException>(family.Validate)
            .Message.ShouldBe("The range Second.ResizeFactor is [1.1, 2]. Give [low, high] with 0 < low <= 1 <= high.");
    }

    [Fact]
    public void Both_orders_of_the_last_jpeg_and_sinc_occur()
    {
        var family = new RealEsrganDegradation { FinalSincProbability = 1 };
        var recipes = Enumerable
            .Range(0, 2000)
            .Select(seed => family.Draw(64, 64, SplitMix64.For(seed, "image")).ToString())
            .ToArray();

        recipes.ShouldContain(recipe => recipe.Contains("), simulated jpeg", StringComparison.Ordinal));
        recipes
            .Count(recipe =>
                recipe.LastIndexOf("sinc", StringComparison.Ordinal) > recipe.LastIndexOf("jpeg", StringComparison.Ordinal)
            )
            .ShouldBeInRange(900, 1100);
    }
}
