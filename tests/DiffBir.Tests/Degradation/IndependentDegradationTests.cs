using DiffBir.Degradation;
using DiffBir.Randomness;
using DiffBir.Tests.Imaging;
using DiffBir.Tests.Support;

namespace DiffBir.Tests.Degradation;

public sealed class IndependentDegradationTests
{
    private const int Photos = 400;

    [Fact]
    public void A_photo_without_defects_is_left_alone()
    {
        var clean = InEightBits(Pictures.Gradient(40, 56));

        new IndependentDegradation().Apply(clean, SplitMix64.For(1, "image")).Lq.ShouldMatch(clean, 1e-6, "left alone");
    }

    [Theory]
    [InlineData("noise")]
    [InlineData("jpeg")]
    [InlineData("blur")]
    [InlineData("resize to")]
    public void A_defect_alone_brings_no_other(string defect)
    {
        var family = new IndependentDegradation
        {
            BlurProbability = defect == "blur" ? 1 : 0,
            DownsampleProbability = defect == "resize to" ? 1 : 0,
            NoiseProbability = defect == "noise" ? 1 : 0,
            JpegProbability = defect == "jpeg" ? 1 : 0,
        };
        string[] others = [.. new[] { "noise", "jpeg", "blur", "resize to" }.Where(other => other != defect)];
        // Every recipe ends at the photo's size.
        const string end = "resize to 64x64";

        foreach (var recipe in Recipes(family).Select(recipe => recipe[..recipe.LastIndexOf(end, StringComparison.Ordinal)]))
        {
            recipe.ShouldContain(defect);
            others.ShouldAllBe(other => !recipe.Contains(other, StringComparison.Ordinal), recipe);
        }
    }

    [Fact]
    public void Defects_occur_as_often_as_they_should_and_whatever_the_others_do()
    {
        var family = new IndependentDegradation
        {
            BlurProbability = 0.5,
            NoiseProbability = 0.4,
            JpegProbability = 0.6,
            SecondJpegProbability = 0.5,
        };
        var recipes = Recipes(family).ToList();

        Share(recipe => recipe.Contains("blur")).ShouldBe(0.5, 0.08);
        Share(recipe => recipe.Contains("noise")).ShouldBe(0.4, 0.08);
        Share(recipe => recipe.Contains("jpeg")).ShouldBe(0.6, 0.08);
        Share(recipe => recipe.Split("jpeg").Length == 3).ShouldBe(0.3, 0.08);
        Share(recipe => recipe.Contains("noise") && !recipe.Contains("blur")).ShouldBe(0.2, 0.08);

        double Share(Func<string, bool> holds) => recipes.Count(holds) / (double)Photos;
    }

    [Fact]
    public void Grain_is_as_strong_as_white_noise_and_shared_by_neighbors()
    {
        var (white, grain) = (Noise(grain: 0), Noise(grain: 1));

        Deviation(white).ShouldBe(20, 1);
        Deviation(grain).ShouldBe(20, 2);
        Correlation(white).ShouldBe(0, 0.05);
        // Of white noise behind a Gaussian of deviation 1, pixels side by side share exp(−1/4).
        Correlation(grain).ShouldBe(Math.Exp(-0.25), 0.05);
    }

    [Fact]
    public void Gray_grain_is_the_same_in_every_channel()
    {
        var noise = Noise(grain: 0.7, gray: true);

        noise.AsSpan(0, noise.Length / 3).SequenceEqual(noise.AsSpan(noise.Length / 3, noise.Length / 3)).ShouldBeTrue();
    }

    private static IEnumerable<string> Recipes(IndependentDegradation family) =>
        Enumerable.Range(0, Photos).Select(seed => family.Draw(64, 64, SplitMix64.For(seed, "image")).ToString());

    /// <summary>What noise of 20 levels adds to a gray image: three planes of 96 × 96, in levels.</summary>
    private static double[] Noise(double grain, bool gray = false)
    {
        const int side = 96;
        var middle = new Tensor(1, 3, side, side);
        middle.Span.Fill(0.5f);
        using var image = RentedImage.From(middle);
        new GaussianNoise(20, gray, grain).Apply(image, SplitMix64.For(3, "noise"));
        return Array.ConvertAll(image.ToTensor().Data, value => (value - 0.5) * 255);
    }

    private static double Deviation(double[] noise) => Math.Sqrt(noise.Average(value => value * value));

    private static double Correlation(double[] noise) =>
        noise.Zip(noise.Skip(1), (a, b) => a * b).Average() / noise.Average(value => value * value);

    private static Tensor InEightBits(Tensor image01)
    {
        foreach (ref var value in image01.Span)
        {
            value = MathF.Round(value * 255) / 255;
        }

        return image01;
    }
}
