using DiffBir.Guidance;
using DiffBir.Randomness;
using DiffBir.Sampling;
using DiffBir.Sampling.Samplers;
using DiffBir.Tests.Sampling;
using DiffBir.Tests.Support;

namespace DiffBir.Tests.Guidance;

public sealed class RestorationGuidanceTests
{
    private const double Rounding = 1e-5; // relative, of 32-bit sums

    public static TheoryData<string> Names => [.. SamplerNames.All];

    [ParityTheory]
    [InlineData("mse")]
    [InlineData("w_mse")]
    public void The_loss_and_its_gradient_equal_the_originals(string name)
    {
        var fixture = Parity.Fixture("guidance_v20");
        var described = fixture.Json($"gradient/{name}");
        var target = fixture.Tensor($"gradient/{name}/target");
        var weights = name == "w_mse" ? RegionWeights.Of(Image01(target)) : null;

        var (loss, gradient) = new MseLoss(() => target, weights).Evaluate(fixture.Tensor($"gradient/{name}/pred"));

        // The original gives the step: minus the gradient, times the scale, times 3000.
        var expected = fixture.Tensor($"gradient/{name}/gradient");
        var step = LatentMath.Scale(-3000 * described.GetProperty("scale").GetDouble(), gradient);
        var largest = expected.Data.Max(Math.Abs);
        step.ShouldBeCloseTo(expected, Rounding * largest);
        loss.ShouldBe(described.GetProperty("loss").GetDouble(), Rounding);
    }

    [ParityTheory]
    [InlineData(9)]
    [InlineData(5)]
    [InlineData(0)]
    public void A_guided_prediction_moves_as_far_as_the_originals(int index)
    {
        var fixture = Parity.Fixture("guidance_v20");
        var name = $"apply/mse_latent_x1_i{index}";
        var described = fixture.Json(name);
        var before = fixture.Tensor($"{name}/before");
        var level = SpacedStep.Plan(NoiseSchedule.ScaledLinear(), 10)[9 - index].Level;
        level.Timestep.ShouldBe(described.GetProperty("t").GetDouble());
        var settings = new GuidanceSettings { Scale = described.GetProperty("scale").GetDouble() };
        var target = TargetOf(fixture);
        var losses = new List<double>();

        var after = new RestorationGuidance(
            new Fixed(before),
            new MseLoss(() => target),
            settings,
            guided => losses.Add(guided.Loss)
        ).PredictClean(before, level, CancellationToken.None);

        var expected = fixture.Tensor($"{name}/after");
        after.ShouldBeCloseTo(expected, Rounding * expected.Data.Max(Math.Abs));
        losses.ShouldBe([described.GetProperty("g_loss").GetDouble()], Rounding);

        // The fixture leaves the target out: it follows from the move at t = 0, where x0's weight is 1.
        static Latent TargetOf(Fixture fixture)
        {
            const string AtTheEnd = "apply/mse_latent_x1_i0";
            var (from, to) = (fixture.Tensor($"{AtTheEnd}/before"), fixture.Tensor($"{AtTheEnd}/after"));
            var step = 2 * 0.05 * 3000 / from.Length;
            return LatentMath.Combine(1 - (1 / step), from, 1 / step, to);
        }
    }

    [ParityFact]
    public void Guidance_applies_between_start_and_stop_as_in_the_original()
    {
        var applied = Parity.Fixture("guidance_v20").Json("applied_between_start_800_and_stop_200");
        foreach (var time in applied.EnumerateObject())
        {
            var guided = new List<GuidedStep>();
            var x0 = new Tensor(1, 1, 2, 2);

            new RestorationGuidance(
                new Fixed(x0),
                new MseLoss(() => x0),
                new GuidanceSettings
                {
                    Scale = 1,
                    Start = 800,
                    Stop = 200,
                },
                guided.Add
            ).PredictClean(x0, new NoiseLevel(int.Parse(time.Name), 0.5, 0.5, 1), default);

            (guided.Count == 1).ShouldBe(time.Value.GetBoolean(), time.Name);
        }
    }

    [Fact]
    public void Each_repetition_starts_from_the_moved_latent()
    {
        var (x0, target) = (Filled(1), Filled(0));
        var settings = new GuidanceSettings { Scale = 1.0 / 3000, Repeat = 3 };
        var losses = new List<double>();

        // With 4 elements the gradient is half the difference: each repetition halves it.
        var moved = new RestorationGuidance(
            new Fixed(x0),
            new MseLoss(() => target),
            settings,
            guided => losses.Add(guided.Loss)
        ).PredictClean(x0, new NoiseLevel(500, 0.5, 0.5, 1), default);

        moved.ToTensor().Data.ShouldBe([0.125f, 0.125f, 0.125f, 0.125f]);
        losses.Single().ShouldBe((1 + 0.25 + 0.0625) / 3, 1e-6);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_higher_the_scale_the_closer_the_result_is_to_the_target(string name)
    {
        var target = new TorchRandom(8).Normal(1, 4, 8, 8);

        var distances = new[] { 0, 0.0002, 0.0005, 0.001, 0.002 }.Select(scale =>
            Distance(Sample(name, target, new GuidanceSettings { Scale = scale }).ToTensor(), target)
        );

        distances.ShouldBeInOrder(SortDirection.Descending);
        distances.Last().ShouldBeLessThan(0.9 * distances.First());
    }

    [Fact]
    public void Where_the_weight_is_0_nothing_moves()
    {
        var (z0, target) = (Filled(1), Filled(0));
        var weights = new Tensor([1, 0, 0, 1], 1, 1, 2, 2);

        new MseLoss(() => target, weights).Evaluate(z0).Gradient.ToTensor().Data.ShouldBe([0.5f, 0, 0, 0.5f]);
    }

    [Fact]
    public void Without_a_scale_the_loss_is_not_evaluated()
    {
        var x0 = Filled(1);
        var guidance = new RestorationGuidance(
            new Fixed(x0),
            new MseLoss(() => throw new InvalidOperationException()),
            new GuidanceSettings()
        );

        guidance.PredictClean(x0, new NoiseLevel(5, 1, 1, 1), default).ToTensor().Data.ShouldBeSameAs(x0.Data);
    }

    private static Latent Sample(string name, Tensor target, GuidanceSettings settings) =>
        SamplerNames
            .Parse(name)
            .Sample(
                new RestorationGuidance(new GaussianDenoiser(1), new MseLoss(() => target), settings),
                new TorchRandom(5).Normal(target.Shape),
                new SamplingRun
                {
                    Schedule = NoiseSchedule.ScaledLinear(zeroTerminalSnr: true),
                    Steps = 10,
                    Noise = new TorchRandom(6),
                }
            );

    private static double Distance(Tensor a, Tensor b) =>
        Math.Sqrt(a.Data.Zip(b.Data, (x, y) => (x - y) * (double)(x - y)).Average());

    private static Tensor Filled(float value) => new([value, value, value, value], 1, 1, 2, 2);

    private static Tensor Image01(Tensor imagePm1) =>
        new(Array.ConvertAll(imagePm1.Data, value => (value + 1) / 2), imagePm1.Shape);

    private sealed class Fixed(Latent x0) : IDenoiser
    {
        public Latent PredictClean(Latent xt, NoiseLevel level, CancellationToken cancellation) => x0;
    }
}
