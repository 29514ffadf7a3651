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
    public void A_photo_developed_from_a_sensor_is_so_in_the_target_too()
    {
        var (flat, lines) = (new Tensor(1, 3, 40, 56), new Tensor(1, 3, 40, 56));
        for (var index = 0; index < lines.Length; index++)
        {
            flat.Data[index] = 0.2f * (1 + (index / (40 * 56))); // a color
            lines.Data[index] = index % 2; // columns of single pixels, which no sensor with one color at each can follow
        }

        var family = new IndependentDegradation { DevelopedProbability = 1 };
        var (color, fringed) = (family.Apply(flat, SplitMix64.For(1, "image")), family.Apply(lines, SplitMix64.For(1, "image")));

        color.Clean.ShouldMatch(flat, 1e-5, "a color stays");
        fringed.Lq.ShouldMatch(fringed.Clean, 1 / 255.0, "no noise");
        fringed.Clean.Data[..(40 * 56)].Max().ShouldBe(0, 1e-3, "red is seen in dark columns only");
        fringed.Clean.Data[(2 * 40 * 56)..].Min().ShouldBe(1, 1e-3, "blue is seen in bright columns only");
        fringed.Recipe.ToString().ShouldStartWith("developed from a sensor");
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

    [Fact]
    public void Noise_of_a_sensor_comes_in_place_of_the_others_and_only_where_there_is_noise()
    {
        var family = new IndependentDegradation { NoiseProbability = 0.5, SensorProbability = 0.5 };
        var recipes = Recipes(family).ToList();

        Share(recipe => recipe.Contains("sensor noise")).ShouldBe(0.25, 0.08);
        Share(recipe => recipe.Contains("noise")).ShouldBe(0.5, 0.08);
        recipes.ShouldAllBe(recipe => recipe.Split("noise").Length <= 2);

        double Share(Func<string, bool> holds) => recipes.Count(holds) / (double)Photos;
    }

    [Fact]
    public void A_sensor_that_counts_more_photons_has_less_noise_and_the_noise_is_colored_and_shared_by_neighbors()
    {
        var (bright, dim) = (SensorNoiseOn(0.5f, photons: 4000), SensorNoiseOn(0.5f, photons: 1000));
        var dark = SensorNoiseOn(0.2f, photons: 1000);

        // Four times the photons, half the noise; the tone curve lifts the dark.
        Deviation(dim).ShouldBe(2 * Deviation(bright), 0.1 * Deviation(dim));
        Deviation(dark).ShouldBeGreaterThan(Deviation(dim));
        Correlation(dim).ShouldBeInRange(0.2, 0.6);
        var (red, green) = (dim[..(dim.Length / 3)], dim[(dim.Length / 3)..(2 * dim.Length / 3)]);
        Math.Abs(red.Zip(green, (a, b) => a * b).Average() / (Deviation(red) * Deviation(green))).ShouldBeLessThan(0.1);
        Deviation(red).ShouldBeGreaterThan(Deviation(green));
    }

    [Fact]
    public void Where_a_sensor_sees_one_color_its_green_noise_is_what_photons_and_readout_make_it()
    {
        const double photons = 2000;
        const double readout = 5;
        var linear = Math.Pow(0.5, 2.2);
        var noise = SensorNoiseOn(0.5f, photons, readout);
        var green = noise[(noise.Length / 3)..(2 * noise.Length / 3)];

        // Half the pixels see green, the others have the mean of four: a variance of (1 + 1/4) / 2.
        var raw = Math.Sqrt((linear * photons) + (readout * readout)) / photons;
        var slope = Math.Pow(linear, (1 / 2.2) - 1) / 2.2;
        Deviation(green).ShouldBe(raw * slope * Math.Sqrt(0.625) * 255, 0.05 * Deviation(green));
    }

    private static IEnumerable<string> Recipes(IndependentDegradation family) =>
        Enumerable.Range(0, Photos).Select(seed => family.Draw(64, 64, SplitMix64.For(seed, "image")).ToString());

    /// <summary>What noise of 20 levels adds to a gray image: three planes of 96 × 96, in levels.</summary>
    private static double[] Noise(double grain, bool gray = false) => Added(new GaussianNoise(20, gray, grain), 0.5f);

    private static double[] SensorNoiseOn(float gray01, double photons, double readout = 2) =>
        Added(new SensorNoise(photons, readout, RedGain: 2, BlueGain: 1.6), gray01);

    /// <summary>What a step adds to a gray image: three planes of 96 × 96, in levels.</summary>
    private static double[] Added(DegradationStep step, float gray01)
    {
        const int side = 96;
        var middle = new Tensor(1, 3, side, side);
        middle.Span.Fill(gray01);
        using var image = RentedImage.From(middle);
        step.Apply(image, SplitMix64.For(3, "noise"));
        return Array.ConvertAll(image.ToTensor().Data, value => (value - gray01) * 255.0);
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
