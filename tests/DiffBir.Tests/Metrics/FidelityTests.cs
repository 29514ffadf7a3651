using DiffBir.Metrics;
using DiffBir.Tests.Degradation;
using DiffBir.Tests.Imaging;
using DiffBir.Tests.Support;

namespace DiffBir.Tests.Metrics;

public sealed class FidelityTests
{
    private const double Rounding = 1e-6; // float pixels, double sums
    private const double GrayRounding = 1e-5; // some gray levels round to their neighbor in floats
    private const double DecibelRounding = 2e-5; // the floor of 1e-8 in the mean squared error

    [ParityTheory]
    [InlineData(0)]
    [InlineData(1)]
    public void Psnr_equals_the_original(int sample)
    {
        var (image, reference) = Pair(sample);
        var fixture = Parity.Fixture("image_ops");

        // The original was asked for a border of 2 in RGB and none in luma.
        Psnr.Rgb(image, reference, border: 2).ShouldBe(fixture.Doubles("metrics/psnr")[sample], Rounding);
        Psnr.Y(image, reference).ShouldBe(fixture.Doubles("metrics/psnr_y")[sample], Rounding);
    }

    // Expected values: scikit-image 0.19.3, structural_similarity with gaussian_weights, sigma 1.5, use_sample_covariance False.
    [ParityTheory]
    [InlineData(0, 0.06624685964964307, 0.11556201380987846, 0.1542539948438394)]
    [InlineData(1, -0.09577101695101208, 0.44690104235579675, -0.0832659778202192)]
    public void Ssim_equals_scikit_image(int sample, double rgb, double luma, double inside)
    {
        var (image, reference) = Pair(sample);

        Ssim.Rgb(image, reference).ShouldBe(rgb, Rounding);
        Ssim.Y(image, reference).ShouldBe(luma, Rounding);
        Ssim.Rgb(image, reference, border: 4).ShouldBe(inside, Rounding);
    }

    [Fact]
    public void Measures_of_a_worn_picture_equal_scikit_image_and_scipy()
    {
        var reference = Pictures.Gradient(190, 241);
        var image = Samples.Worn(reference);

        Psnr.Rgb(image, reference).ShouldBe(25.114064386691382, DecibelRounding);
        Ssim.Rgb(image, reference).ShouldBe(0.9588651077226475, Rounding);
        MultiScaleSsim.Rgb(image, reference).ShouldBe(0.9942343778474871, Rounding);
    }

    // Expected values: the authors' program step by step with SciPy's convolve2d, MATLAB's placing of an even kernel, and the sample deviation.
    [Theory]
    [InlineData(200, 300, 0.09318446321726856)]
    [InlineData(51, 75, 0.008744691577993766)]
    public void Gmsd_equals_scipy(int height, int width, double expected)
    {
        var reference = Samples.Textured(height, width);

        Gmsd.Measure(Samples.Worn(reference), reference).ShouldBe(expected, GrayRounding);
    }

    [Fact]
    public void Gmsd_leaves_the_border_out_and_refuses_what_is_too_small()
    {
        var reference = Samples.Textured(60, 60);
        var image = reference.Clone();
        image.Data[0] = 1 - image.Data[0];

        Gmsd.Measure(image, reference).ShouldBeGreaterThan(0);
        Gmsd.Measure(image, reference, border: 2).ShouldBe(0, 1e-12);
        Should
            .Throw<ShapeException>(() => Gmsd.Measure(image, reference, border: 29))
            .Message.ShouldStartWith("GMSD needs at least 3 pixels on each side, got 2x2.");
    }

    [Fact]
    public void Identical_pictures_have_the_best_value()
    {
        var image = Pictures.Gradient(180, 180);

        Psnr.Rgb(image, image).ShouldBe(80, 1e-9);
        Ssim.Rgb(image, image).ShouldBe(1, 1e-12);
        MultiScaleSsim.Rgb(image, image).ShouldBe(1, 1e-12);
        Gmsd.Measure(image, image).ShouldBe(0, 1e-12);
    }

    [Fact]
    public void Different_sizes_are_refused_with_both() =>
        Should
            .Throw<ShapeException>(() => Psnr.Rgb(Pictures.Gradient(20, 30), Pictures.Gradient(20, 31)))
            .Message.ShouldBe("The image is 30x20, its reference 31x20. Both must have the same size.");

    [Fact]
    public void A_border_that_leaves_nothing_is_refused()
    {
        var image = Pictures.Gradient(20, 30);

        Should
            .Throw<ShapeException>(() => Psnr.Rgb(image, image, border: 10))
            .Message.ShouldBe("A border of 10 pixels leaves nothing of an image of 30x20. Use a smaller border.");
    }

    private static (Tensor Image, Tensor Reference) Pair(int sample)
    {
        var fixture = Parity.Fixture("image_ops");
        return (fixture.Tensor("metrics/a").Sample(sample), fixture.Tensor("metrics/b").Sample(sample));
    }
}
