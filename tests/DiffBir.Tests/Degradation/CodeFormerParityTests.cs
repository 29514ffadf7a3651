using DiffBir.Degradation;
using DiffBir.Imaging;
using DiffBir.Tests.Support;

namespace DiffBir.Tests.Degradation;

public sealed class CodeFormerParityTests
{
    private const double FloatTolerance = 3e-6; // sums of 441 products in another order, and neglected weights
    private const double ResizeTolerance = 2e-6; // OpenCV places pixels in fp32 with another order of operations

    [ParityFact]
    public void Blurring_equals_opencvs() =>
        Apply("image_bgr", new Blur(new GaussianKernel(21, new Spread(3, 1.2, 0.7))))
            .ShouldBeCloseTo(Expected("blurred"), FloatTolerance);

    [ParityTheory]
    [InlineData("down")]
    [InlineData("up")]
    public void Resizing_equals_opencvs(string name)
    {
        var expected = Expected(name);

        Apply("image_bgr", new Resize(expected.Size(2), expected.Size(3), Interpolation.Bilinear))
            .ShouldBeCloseTo(expected, ResizeTolerance);
    }

    [ParityFact]
    public void Noise_is_in_8_bit_levels_and_clamped() =>
        Apply("image_bgr", new GaussianNoise(15, Gray: false), Expected("noise"))
            .ShouldBeCloseTo(Expected("gaussian_s15"), ResizeTolerance);

    [ParityFact]
    public void Gray_noise_is_the_same_in_every_channel()
    {
        var noise = Expected("noise");
        var first = new Tensor(noise.Span[..(noise.Length / 3)].ToArray(), noise.Length / 3);

        Apply("image_bgr", new GaussianNoise(15, Gray: true), first)
            .ShouldBeCloseTo(Expected("gaussian_gray_s15"), ResizeTolerance);
    }

    [Fact]
    public void The_draws_come_in_the_originals_order()
    {
        // Blur shape, its sigma, the downsampling, the noise, the quality.
        var random = new ScriptedRandom { Choices = new([0, 2.5, 3.7, 4, 61.8]) };

        new CodeFormerDegradation()
            .Draw(512, 300, random)
            .ToString()
            .ShouldBe(
                "blur (gaussian 41, sigma 2.5), resize to 81x138 (bilinear), gaussian noise (4 of 255), "
                    + "jpeg (quality 61), resize to 300x512 (bilinear)"
            );
        random.IsEmpty.ShouldBeTrue();
    }

    private static Tensor Apply(string input, DegradationStep step, params Tensor[] noise)
    {
        using var image = RentedImage.From(Expected(input));
        using var result = step.Apply(image, new ScriptedRandom(noise));
        return result.ToTensor();
    }

    private static Tensor Expected(string name) => Parity.Fixture("degradation").Tensor($"codeformer/{name}").FromInterleaved();
}
