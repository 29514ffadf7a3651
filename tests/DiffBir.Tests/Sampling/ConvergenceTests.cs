using DiffBir.Randomness;
using DiffBir.Sampling;
using DiffBir.Sampling.Samplers;

namespace DiffBir.Tests.Sampling;

/// <summary>Samplers against an exact denoiser, where the answer is known in closed form.</summary>
public sealed class ConvergenceTests
{
    private const double Deviation = 0.5; // of the clean latents
    private const float SigmaMax = 10;
    private const float SigmaMin = 0.1f;

    // Of 4096 latent pixels, five standard errors; and what 100 steps leave of a first-order error.
    private const double SpreadTolerance = 0.035;

    private static readonly GaussianDenoiser Denoiser = new(Deviation);

    // A single first-order step at the start limits every multistep method to order 2.
    public static TheoryData<string, int> Orders =>
        new()
        {
            { "edm_euler", 1 },
            { "edm_euler_a", 1 },
            { "edm_lms", 1 },
            { "edm_heun", 2 },
            { "edm_dpm_2", 2 },
            { "edm_dpm_2_a", 2 },
            { "edm_dpm++_2s_a", 2 },
            { "edm_dpm++_sde", 2 },
            { "edm_dpm++_2m", 2 },
            { "edm_dpm++_2m_sde", 2 },
            { "edm_dpm++_3m_sde", 2 },
        };

    [Theory]
    [MemberData(nameof(Orders))]
    public void An_edm_solver_without_noise_converges_at_its_order(string name, int order)
    {
        var sampler = SamplerNames.Parse(name);
        sampler = sampler is EdmAncestralSampler ancestral ? ancestral with { Eta = 0 } : sampler;

        ShouldHaveOrder(order, Error(32), Error(64));

        double Error(int steps) =>
            RelativeError(Solve((EdmSampler)sampler, steps, Ones), Denoiser.Stretch(LevelOf(SigmaMax), LevelOf(SigmaMin)));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(8)]
    public void Linear_multistep_with_more_slopes_is_at_least_of_order_2(int slopes)
    {
        var errors = new[] { 32, 64 }.Select(steps =>
            RelativeError(
                Solve(new EdmLms { Order = slopes }, steps, Ones),
                Denoiser.Stretch(LevelOf(SigmaMax), LevelOf(SigmaMin))
            )
        );

        ShouldHaveOrder(2, errors.First(), errors.Last());
    }

    [Fact]
    public void Dpm_plus_plus_2m_converges_at_order_2()
    {
        ShouldHaveOrder(2, Error(400), Error(800)); // steps near t = 0 are large in λ: fewer do not show the order

        static double Error(int steps)
        {
            var run = RunOf(steps);
            var points = DpmTimes.Plan(run.Schedule, steps);
            return RelativeError(
                new DpmPlusPlus2M().Sample(Denoiser, Ones, run),
                Denoiser.Stretch(points[0].LevelTowards(points[1]), points[^1].LevelTowards(points[^2]))
            );
        }
    }

    [Fact]
    public void Ddim_converges_at_order_1()
    {
        ShouldHaveOrder(1, Error(100), Error(200));

        static double Error(int steps)
        {
            var run = RunOf(steps);
            var first = Ddim.Plan(run.Schedule, steps)[0].Level;
            var last = NoiseLevel.Of(0, run.Schedule.AlphaBars[0], 1);
            return RelativeError(new Ddim().Sample(Denoiser, Ones, run), Denoiser.Stretch(first, last));
        }
    }

    [Theory]
    [InlineData("edm_euler_a")]
    [InlineData("edm_dpm_2_a")]
    [InlineData("edm_dpm++_2s_a")]
    [InlineData("edm_dpm++_sde")]
    [InlineData("edm_dpm++_2m_sde")]
    [InlineData("edm_dpm++_3m_sde")]
    [InlineData("edm_euler")]
    [InlineData("edm_heun")]
    [InlineData("edm_dpm_2")]
    public void A_solver_with_noise_gives_latents_of_the_right_spread(string name)
    {
        var sampler = SamplerNames.Parse(name);
        sampler = sampler is EdmChurnSampler churn ? churn with { SChurn = 20 } : sampler;
        var spread = Math.Sqrt((Deviation * Deviation) + (SigmaMax * SigmaMax));
        var start = LatentMath.Scale(spread, new TorchRandom(11).Normal(1, 4, 32, 32));

        var result = Solve((EdmSampler)sampler, 100, start);

        Spread(result).ShouldBe(Math.Sqrt((Deviation * Deviation) + (SigmaMin * SigmaMin)), SpreadTolerance);
    }

    [Fact]
    public void Spaced_sampling_gives_latents_of_the_right_spread()
    {
        var result = new Spaced().Sample(Denoiser, new TorchRandom(11).Normal(1, 4, 32, 32), RunOf(250));

        Spread(result).ShouldBe(Deviation, SpreadTolerance);
    }

    private static Latent Solve(EdmSampler sampler, int steps, Latent start)
    {
        var sigmas = Enumerable
            .Range(0, steps + 1)
            .Select(i => SigmaMax * Math.Pow(SigmaMin / SigmaMax, (double)i / steps))
            .Select(sigma => (float)sigma);
        var schedule = new SigmaSchedule([.. sigmas], new int[steps + 1]);
        using var made = start.Store.Begin();
        return sampler.Solve(new KarrasContext(new SamplingContext(Denoiser, RunOf(steps), made), schedule), start);
    }

    private static SamplingRun RunOf(int steps) =>
        new()
        {
            Schedule = NoiseSchedule.ScaledLinear(),
            Steps = steps,
            Noise = new TorchRandom(231),
        };

    private static NoiseLevel LevelOf(double sigma) => new(0, 1, sigma, 1);

    private static Tensor Ones => new([1, 1, 1, 1], 1, 1, 2, 2);

    private static double RelativeError(Latent result, double expected) => Math.Abs((result.ToTensor().Data[0] / expected) - 1);

    private static double Spread(Latent x) => Math.Sqrt(x.ToTensor().Data.Average(value => (double)value * value));

    private static void ShouldHaveOrder(int order, double error, double errorOfHalfTheStep) =>
        Math.Log2(error / errorOfHalfTheStep).ShouldBeGreaterThan(order - 0.25);
}
