using DiffBir.Degradation;
using DiffBir.Tests.Support;

namespace DiffBir.Tests.Degradation;

public sealed class NoiseTests
{
    private const double FloatTolerance = 1e-6; // sums in fp32 on values up to 1

    [ParityTheory]
    [InlineData(0, 10)]
    [InlineData(1, 25)]
    public void Colored_gaussian_noise_equals_the_originals(int sample, double sigma)
    {
        var fixture = Parity.Fixture("degradation");
        using var image = RentedImage.From(fixture.Tensor("gaussian_noise/image").Sample(sample));
        var draws = new ScriptedRandom(fixture.Tensor("gaussian_noise/n3").Sample(sample));

        Noise.AddGaussian(image, sigma, gray: false, draws);

        image.ToTensor().ShouldBeCloseTo(fixture.Tensor("gaussian_noise/color").Sample(sample), FloatTolerance);
    }

    [ParityFact]
    public void Gray_gaussian_noise_is_the_same_in_every_channel()
    {
        var fixture = Parity.Fixture("degradation");
        using var image = RentedImage.From(fixture.Tensor("gaussian_noise/image").Sample(0));

        Noise.AddGaussian(image, sigma: 10, gray: true, new ScriptedRandom(fixture.Tensor("gaussian_noise/n1")));

        image.ToTensor().ShouldBeCloseTo(fixture.Tensor("gaussian_noise/gray").Sample(0), FloatTolerance);
    }

    [ParityTheory]
    [InlineData(0, 1.0)]
    [InlineData(1, 0.5)]
    public void Poisson_noise_counts_the_originals_photons(int sample, double scale)
    {
        var fixture = Parity.Fixture("degradation");
        var original = fixture.Tensor("poisson_noise/image").Sample(sample);
        var draws = new ScriptedRandom(fixture.Tensor("poisson_noise/drawn").Sample(sample));
        using var image = RentedImage.From(original);

        Noise.AddPoisson(image, scale, gray: false, draws);

        draws.Rates.ShouldNotBeNull().ShouldBeCloseTo(fixture.Tensor("poisson_noise/rate").Sample(sample), 0, "rates");
        var expected = fixture.Tensor("poisson_noise/noise").Sample(sample);
        for (var index = 0; index < expected.Length; index++)
        {
            expected.Data[index] = Math.Clamp(original.Data[index] + expected.Data[index], 0, 1);
        }

        image.ToTensor().ShouldBeCloseTo(expected, FloatTolerance);
    }
}
