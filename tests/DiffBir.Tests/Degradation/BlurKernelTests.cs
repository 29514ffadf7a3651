using DiffBir.Degradation;
using DiffBir.Tests.Support;

namespace DiffBir.Tests.Degradation;

public sealed class BlurKernelTests
{
    private const double Rounding = 1e-14; // both sides compute in double
    private const double BesselRounding = 1e-12; // two ways to compute J1

    internal static readonly Dictionary<string, BlurKernel> Kernels = new(StringComparer.Ordinal)
    {
        { "iso_21_s2", new GaussianKernel(21, new Spread(2)) },
        { "iso_41_s9", new GaussianKernel(41, new Spread(9)) },
        { "aniso_21", new GaussianKernel(21, new Spread(3, 1.2, 0.7)) },
        { "aniso_7", new GaussianKernel(7, new Spread(0.8, 2.2, -2.1)) },
        { "generalized_iso_b05", new GeneralizedGaussianKernel(15, new Spread(2), 0.5) },
        { "generalized_aniso_b4", new GeneralizedGaussianKernel(15, new Spread(3, 1, 1.1), 4) },
        { "plateau_iso_b1", new PlateauKernel(13, new Spread(2), 1) },
        { "plateau_aniso_b2", new PlateauKernel(13, new Spread(3, 1, -0.4), 2) },
        { "sinc_21_pi3", new SincKernel(21, Math.PI / 3) },
        { "sinc_7_pi", new SincKernel(7, Math.PI) },
    };

    public static TheoryData<string> Names => [.. Kernels.Keys];

    [ParityTheory]
    [MemberData(nameof(Names))]
    public void Each_shape_of_blur_has_the_originals_weights(string name)
    {
        var kernel = Kernels[name];
        var expected = Parity.Fixture("degradation").Doubles($"kernel/{name}");

        ((ReadOnlySpan<double>)kernel.Weights()).ShouldBeCloseTo(expected, kernel is SincKernel ? BesselRounding : Rounding);
    }

    [ParityFact]
    public void A_padded_kernel_of_the_original_is_the_same_blur_without_the_zeros()
    {
        var padded = Parity.Fixture("degradation").Doubles("kernel/sinc_9_2_pad21");
        var weights = new SincKernel(9, 2).Weights();

        for (var y = 0; y < 9; y++)
        {
            weights.AsSpan(y * 9, 9).ToArray().ShouldBe(padded.AsSpan(((y + 6) * 21) + 6, 9).ToArray(), BesselRounding);
        }
    }

    [Fact]
    public void An_even_size_is_refused_with_the_remedy()
    {
        Should
            .Throw<DiffBirException>(() => new GaussianKernel(8, new Spread(1)).Weights())
            .Message.ShouldBe("A blur kernel of size 8 is not possible. Use an odd size from 1 to 255.");
    }
}
