using DiffBir.Randomness;
using DiffBir.Tests.Support;

namespace DiffBir.Tests.Randomness;

public sealed class BrownianTreeTests
{
    // Pieces are summed in another order than the original's: a few units in the last place.
    private const double LastBits = 1e-6;

    [ParityFact]
    public void A_path_over_noise_levels_equals_torchsdes()
    {
        var fixture = Parity.Fixture("rng");
        var sigmas = fixture.Doubles("brownian/sigmas");
        var path = new TorchRandom(231).Brownian(0.03f, 10_000f, 1, 1, 2, 3);

        float[] steps =
        [
            .. Enumerable
                .Range(0, sigmas.Length / 2)
                .SelectMany(i => path.Step((float)sigmas[2 * i], (float)sigmas[2 * i + 1]).Data),
        ];

        new Tensor(steps, 4, 1, 1, 2, 3).ShouldBeCloseTo(fixture.Tensor("brownian/noise"), LastBits);
    }

    [Fact]
    public void Two_steps_see_the_noise_of_the_step_that_spans_both()
    {
        var path = new TorchRandom(5).Brownian(0.1f, 14f, 4, 8, 8);

        var first = path.Step(9f, 3f);
        var second = path.Step(3f, 1f);
        var both = path.Step(9f, 1f);

        var sum = new Tensor(4, 8, 8);
        for (var i = 0; i < sum.Length; i++)
        {
            sum.Data[i] = (first.Data[i] * MathF.Sqrt(6) + second.Data[i] * MathF.Sqrt(2)) / MathF.Sqrt(8);
        }

        both.ShouldBeCloseTo(sum, LastBits);
    }

    [Fact]
    public void The_noise_of_a_step_is_standard_normal()
    {
        var step = new TorchRandom(1).Brownian(0.03f, 10_000f, 1, 4, 64, 64).Step(5.9f, 2.9f);

        // Five standard errors of a mean and of a variance over 16384 numbers.
        step.Data.Average().ShouldBe(0, 0.04);
        step.Data.Average(value => (double)value * value).ShouldBe(1, 0.055);
    }

    [Fact]
    public void Walking_a_path_draws_nothing_from_the_generator()
    {
        var walked = new TorchRandom(9);
        var path = walked.Brownian(0.1f, 10f, 2, 2);
        path.Step(10f, 1f);
        var still = new TorchRandom(9);
        still.Brownian(0.1f, 10f, 2, 2);

        walked.Normal(20).Data.ShouldBe(still.Normal(20).Data);
    }

    [Fact]
    public void Noise_levels_beyond_the_ends_count_as_the_ends()
    {
        var path = new TorchRandom(2).Brownian(1f, 10f, 3);

        path.Step(20f, 10f).Data.ShouldAllBe(value => value == 0);
    }
}
