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
        var path = new TorchRandom(231).Brownian(0.03f, 10_000f, count: 6);

        float[] steps =
        [
            .. Enumerable
                .Range(0, sigmas.Length / 2)
                .SelectMany(i => Step(path, (float)sigmas[2 * i], (float)sigmas[(2 * i) + 1], 6)),
        ];

        new Tensor(steps, 4, 1, 1, 2, 3).ShouldBeCloseTo(fixture.Tensor("brownian/noise"), LastBits);
    }

    [Theory]
    [InlineData(256)]
    [InlineData((3 * TorchRandom.MaxPart) + 5)]
    public void Two_steps_see_the_noise_of_the_step_that_spans_both(int count)
    {
        var path = new TorchRandom(5).Brownian(0.1f, 14f, count);

        var first = Step(path, 9f, 3f, count);
        var second = Step(path, 3f, 1f, count);
        var both = Step(path, 9f, 1f, count);

        var sum = first.Zip(second, (a, b) => ((a * MathF.Sqrt(6)) + (b * MathF.Sqrt(2))) / MathF.Sqrt(8));
        new Tensor(both, count).ShouldBeCloseTo(new Tensor([.. sum], count), LastBits);
    }

    [Fact]
    public void A_path_that_is_computed_in_parts_begins_as_a_shorter_one()
    {
        const int shorter = TorchRandom.MaxPart;

        var whole = Step(new TorchRandom(5).Brownian(0.1f, 14f, 2 * shorter), 9f, 3f, 2 * shorter);

        whole[..shorter].ShouldBe(Step(new TorchRandom(5).Brownian(0.1f, 14f, shorter), 9f, 3f, shorter));
    }

    [Fact]
    public void The_noise_of_a_step_is_standard_normal()
    {
        const int count = 4 * 64 * 64;

        var step = Step(new TorchRandom(1).Brownian(0.03f, 10_000f, count), 5.9f, 2.9f, count);

        // Five standard errors of a mean and of a variance over 16384 numbers.
        step.Average().ShouldBe(0, 0.04);
        step.Average(value => (double)value * value).ShouldBe(1, 0.055);
    }

    [Fact]
    public void Walking_a_path_draws_nothing_from_the_generator()
    {
        var walked = new TorchRandom(9);
        Step(walked.Brownian(0.1f, 10f, 4), 10f, 1f, 4);
        var still = new TorchRandom(9);
        still.Brownian(0.1f, 10f, 4);

        walked.Normal(20).Data.ShouldBe(still.Normal(20).Data);
    }

    [Fact]
    public void Noise_levels_beyond_the_ends_count_as_the_ends()
    {
        var path = new TorchRandom(2).Brownian(1f, 10f, 3);

        Step(path, 20f, 10f, 3).ShouldAllBe(value => value == 0);
    }

    private static float[] Step(IBrownianPath path, float sigma, float sigmaNext, int count)
    {
        var step = new float[count];
        path.Step(sigma, sigmaNext, (start, values) => values.CopyTo(step.AsSpan((int)start)));
        return step;
    }
}
