using DiffBir.Sampling;
using DiffBir.Sampling.Samplers;
using DiffBir.Tests.Support;

namespace DiffBir.Tests.Sampling;

public sealed class NoiseScheduleTests
{
    private const double Doubles = 1e-13; // sums and products of 1000 doubles
    private const double Floats = 1e-6; // the fixture's constants are 32-bit numbers

    public static TheoryData<string> Schedules => ["eps", "v_zsnr"];

    [ParityTheory]
    [MemberData(nameof(Schedules))]
    public void Betas_and_alpha_bars_equal_the_originals(string name)
    {
        var fixture = Parity.Fixture("schedules");
        var schedule = ScheduleOf(name);

        ShouldBe(schedule.Betas, fixture.Doubles($"{name}/betas"), Doubles, "betas");
        ShouldBe(schedule.AlphaBars, fixture.Doubles($"{name}/alphas_cumprod"), Doubles, "alphaBar");
    }

    [Fact]
    public void Zero_terminal_snr_ends_in_pure_noise_and_starts_as_before()
    {
        var plain = NoiseSchedule.ScaledLinear();
        var zero = NoiseSchedule.ScaledLinear(zeroTerminalSnr: true);

        zero.AlphaBars[^1].ShouldBe(0);
        zero.AlphaBars[0].ShouldBe(plain.AlphaBars[0], Doubles);
    }

    [ParityTheory]
    [MemberData(nameof(Schedules))]
    public void Adding_noise_equals_the_originals_q_sample(string name)
    {
        var fixture = Parity.Fixture("schedules");
        var (x0, noise) = (fixture.Tensor($"{name}/q_sample/x0"), fixture.Tensor($"{name}/q_sample/noise"));
        var timesteps = fixture.Doubles($"{name}/q_sample/t");
        var expected = fixture.Tensor($"{name}/q_sample/result");

        for (var sample = 0; sample < timesteps.Length; sample++)
        {
            var noisy = ScheduleOf(name).AddNoise(x0, noise, (int)timesteps[sample]);

            var size = x0.Length / timesteps.Length;
            ((ReadOnlySpan<float>)noisy.ToTensor().Data)
                .Slice(sample * size, size)
                .ToArray()
                .ShouldBe(expected.Data[(sample * size)..((sample + 1) * size)], Floats);
        }
    }

    [Fact]
    public void A_timestep_that_does_not_exist_is_refused()
    {
        var latent = new Tensor(1, 4, 2, 2);

        Should
            .Throw<DiffBirException>(() => NoiseSchedule.ScaledLinear().AddNoise(latent, latent, 1000))
            .Message.ShouldBe("There is no timestep 1000; this schedule has 0 to 999.");
    }

    [Fact]
    public void A_beta_out_of_range_is_refused() => Should.Throw<DiffBirException>(() => new NoiseSchedule(0.1, 1.5));

    [ParityTheory]
    [MemberData(nameof(Schedules))]
    public void Spaced_steps_have_the_originals_timesteps_and_constants(string name)
    {
        var fixture = Parity.Fixture("schedules");
        foreach (var count in new[] { 2, 3, 5, 7, 10, 20, 50, 999, 1000 })
        {
            var prefix = $"{name}/spaced/{count}";
            IReadOnlyList<SpacedStep> plan = [.. SpacedStep.Plan(ScheduleOf(name), count).Reverse()];

            Check("timesteps", step => step.Level.Timestep);
            Check("sqrt_alphas_cumprod", step => step.Level.Alpha);
            Check("sqrt_one_minus_alphas_cumprod", step => step.Level.Sigma);
            Check("posterior_mean_coef1", step => step.Level.CleanWeight);
            Check("posterior_mean_coef2", step => step.NoisyWeight);
            Check("posterior_variance", step => step.Deviation * step.Deviation);

            void Check(string constant, Func<SpacedStep, double> of) =>
                ShouldBe([.. plan.Select(of)], fixture.Doubles($"{prefix}/{constant}"), Floats, $"{prefix}/{constant}");
        }
    }

    [ParityTheory]
    [MemberData(nameof(Schedules))]
    public void Ddim_steps_have_the_originals_timesteps_and_constants(string name)
    {
        var fixture = Parity.Fixture("schedules");
        foreach (var count in new[] { 1, 2, 5, 7, 10, 13, 30, 50, 100, 500 })
        {
            var prefix = $"{name}/ddim/{count}";
            var plan = Ddim.Plan(ScheduleOf(name), count).Reverse().ToList();

            Check("timesteps", step => step.Level.Timestep);
            Check("ddim_sqrt_alphas", step => step.Level.Alpha);
            Check("ddim_sqrt_one_minus_alphas", step => step.Level.Sigma);
            Check("ddim_alphas_prev", step => step.AlphaBarNext);

            void Check(string constant, Func<(NoiseLevel Level, double AlphaBarNext), double> of) =>
                ShouldBe([.. plan.Select(of)], fixture.Doubles($"{prefix}/{constant}"), Floats, $"{prefix}/{constant}");
        }
    }

    [ParityTheory]
    [MemberData(nameof(Schedules))]
    public void Edm_noise_levels_equal_the_originals_to_the_last_bit(string name)
    {
        var fixture = Parity.Fixture("schedules");
        foreach (var count in new[] { 1, 2, 3, 5, 10, 20, 50 })
        {
            var schedule = SigmaSchedule.Plan(ScheduleOf(name), count);

            schedule.Sigmas.ShouldBe(fixture.Tensor($"{name}/edm/{count}/sigmas").Data);
            schedule.Timesteps.Select(t => (double)t).ShouldBe(fixture.Doubles($"{name}/edm/{count}/timesteps"));
        }
    }

    [ParityTheory]
    [MemberData(nameof(Schedules))]
    public void Dpm_times_equal_the_originals(string name)
    {
        const double LossIn32Bits = 1e-4; // the original takes 1 − e^(2x) in 32 bits, near x = 0
        var fixture = Parity.Fixture("schedules");
        var logAlphas = DpmTimes.LogAlphas(ScheduleOf(name));
        logAlphas.Count.ShouldBe(fixture.Json($"{name}/dpm").GetProperty("total_N").GetInt32());
        ShouldBe(
            [.. logAlphas.Select(value => (double)value)],
            fixture.Doubles($"{name}/dpm/log_alpha_array"),
            Floats,
            "log alpha"
        );
        foreach (var count in new[] { 2, 5, 10, 20 })
        {
            var prefix = $"{name}/dpm/{count}";
            var points = DpmTimes.Plan(ScheduleOf(name), count);

            // Above 15 points the original's vectorized counting differs in the last bit.
            var lastBit = count < 15 ? 0 : 1e-7;
            Check("t", point => point.Time, lastBit);
            Check("model_t", point => point.Timestep, 1000 * lastBit);
            Check("log_alpha", point => point.LogAlpha, 1e-5);
            Check("sigma", point => point.Sigma, LossIn32Bits);
            Check("lambda_", point => point.Lambda, LossIn32Bits);

            void Check(string constant, Func<DpmPoint, double> of, double tolerance) =>
                ShouldBe([.. points.Select(of)], fixture.Doubles($"{prefix}/{constant}"), tolerance, $"{prefix}/{constant}");
        }
    }

    internal static NoiseSchedule ScheduleOf(string name) => NoiseSchedule.ScaledLinear(zeroTerminalSnr: name == "v_zsnr");

    private static void ShouldBe(IReadOnlyList<double> actual, double[] expected, double tolerance, string name) =>
        ((ReadOnlySpan<double>)actual.ToArray()).ShouldBeCloseTo(expected, tolerance, name);
}
