using DiffBir.Metrics;
using DiffBir.Tests.Support;

namespace DiffBir.Tests.Metrics;

public sealed class NaturalnessTests
{
    private const double FeatureRounding = 2e-5; // the half-size image is computed in floats
    private const double DistanceRounding = 0.01; // the shapes are fitted in steps of 0.001
    private const double GrayRounding = 1e-3; // some grey levels round to their neighbour in floats

    // Expected values: an independent implementation with NumPy and SciPy.
    [Fact]
    public void The_statistics_of_blocks_equal_an_independent_implementation()
    {
        var blocks = NaturalSceneFeatures.Of(Samples.Textured(200, 300));

        blocks.Count.ShouldBe(6);
        ((ReadOnlySpan<double>)blocks[0].Features.AsSpan(0, 6)).ShouldBeCloseTo(
            [4.068, 1.3597338062662336, 1.129, -0.09657903175751899, 0.5541796860198973, 0.4412674570108659],
            FeatureRounding
        );
        ((ReadOnlySpan<double>)blocks[5].Features.AsSpan(18, 6)).ShouldBeCloseTo(
            [4.846, 0.9219133506066222, 1.427, 0.15524377629033867, 0.13165810497381486, 0.3585856087032544],
            FeatureRounding
        );
    }

    [Fact]
    public void Niqe_equals_an_independent_implementation_with_the_same_statistics() =>
        Niqe.Default.Measure(Samples.Textured(200, 300)).ShouldBe(12.69357837012542, DistanceRounding);

    [Fact]
    public void Measures_of_gradients_equal_an_independent_implementation()
    {
        var image = Samples.Textured(200, 300);

        Sharpness.MeanGradient(image).ShouldBe(13.28756890790327, GrayRounding);
        Sharpness.MetricQ(image).ShouldBe(8.134981487922836, GrayRounding);
    }

    [Fact]
    public void Niqe_of_a_flat_image_is_not_a_number()
    {
        var flat = new Tensor(1, 3, 100, 100);

        Niqe.Default.Measure(flat).ShouldBe(double.NaN);
        Metric("niqe").Measure(flat).ShouldBeNull();
    }

    [Fact]
    public void Statistics_are_the_same_after_saving_and_loading()
    {
        var photos = Enumerable.Range(0, 16).Select(seed => Samples.Textured(200 + seed, 300));
        var fitted = Niqe.Fit(photos);
        using var stream = new MemoryStream();
        fitted.Save(stream);
        stream.Position = 0;

        var image = Samples.Worn(Samples.Textured(200, 300));
        Niqe.Load(stream).Measure(image).ShouldBe(fitted.Measure(image));
        fitted.Measure(image).ShouldBeLessThan(Niqe.Default.Measure(image));
    }

    [Fact]
    public void Too_few_photos_are_refused() =>
        Should
            .Throw<DiffBirException>(() => Niqe.Fit([Samples.Textured(200, 300)]))
            .Message.ShouldContain("sharp blocks of 96x96 pixels; at least 72 are needed");

    [Fact]
    public void A_measure_that_does_not_fit_gives_nothing_instead_of_failing()
    {
        var image = Samples.Textured(20, 20);

        QualityMetric
            .All.Where(metric => metric.Measure(image, image) is null)
            .Select(metric => metric.Name)
            .ShouldBe(["ms-ssim", "niqe"]);
        QualityMetric
            .All.Where(metric => metric.Measure(image) is null)
            .Select(metric => metric.Name)
            .ShouldBe(["psnr", "psnr-y", "ssim", "ssim-y", "ms-ssim", "niqe"]);
    }

    private static QualityMetric Metric(string name) => QualityMetric.All.Single(metric => metric.Name == name);
}
