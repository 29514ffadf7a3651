using System.Text.Json;
using DiffBir.Degradation;
using DiffBir.Tests.Support;

namespace DiffBir.Tests.Degradation;

public sealed class KernelDrawTests
{
    private const double Rounding = 1e-14; // both sides compute in double

    [ParityTheory]
    [InlineData(0, "iso")]
    [InlineData(1, "aniso")]
    [InlineData(2, "generalized_iso")]
    [InlineData(3, "generalized_aniso")]
    [InlineData(4, "plateau_iso")]
    [InlineData(5, "plateau_aniso")]
    public void A_random_blur_takes_its_draws_in_the_originals_order(int shape, string name)
    {
        var fixture = Parity.Fixture("degradation");
        var draws = fixture
            .Json("random_kernel")
            .GetProperty("rows")
            .EnumerateArray()
            .First(row => row.GetProperty("kind").GetString() == name)
            .GetProperty("uniform_draws")
            .EnumerateArray()
            .Select(draw => draw.GetDouble());
        var random = new ScriptedRandom { Choices = new([shape, .. draws]) };

        var kernel = new KernelMix().Draw(21, new KernelShape(new(0.2, 3), new(0.5, 4), new(1, 2)), random);

        random.IsEmpty.ShouldBeTrue();
        ((ReadOnlySpan<double>)kernel.Weights()).ShouldBeCloseTo(fixture.Doubles($"random_kernel/{name}"), Rounding);
    }
}
