using DiffBir.Options;
using DiffBir.Packs;
using DiffBir.Randomness;
using DiffBir.Sampling;
using DiffBir.Sampling.Samplers;

namespace DiffBir.Tests.Sampling;

public sealed class SamplerTests
{
    private static readonly NoiseSchedule Schedule = NoiseSchedule.ScaledLinear();

    public static TheoryData<string> Names => [.. SamplerNames.All];

    [Fact]
    public void Names_and_kinds_of_samplers_are_all_different()
    {
        SamplerNames.All.ShouldBeUnique();
        SamplerNames.All.Select(name => SamplerNames.Parse(name).GetType()).ShouldBeUnique();
        typeof(Sampler)
            .Assembly.GetTypes()
            .Where(type => type.IsSubclassOf(typeof(Sampler)) && !type.IsAbstract)
            .ShouldBe(SamplerNames.All.Select(name => SamplerNames.Parse(name).GetType()), ignoreOrder: true);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_sampler_knows_its_name(string name) => SamplerNames.Of(SamplerNames.Parse(name)).ShouldBe(name);

    [Theory]
    [MemberData(nameof(Names))]
    public void A_perfect_prediction_is_the_result_up_to_the_noise_that_is_left(string name)
    {
        const double NoiseOfTheLastStep = 0.2; // ddim and dpm++_m2 stop at the first timestep's noise, 0.03
        var clean = new TorchRandom(4).Normal(1, 4, 8, 8);

        var result = SamplerNames.Parse(name).Sample(new Constant(clean), new TorchRandom(5).Normal(1, 4, 8, 8), RunOf(10));

        Distance(result.ToTensor(), clean).ShouldBeLessThan(NoiseOfTheLastStep);
    }

    // The original fails at some of these: docs/quirks.md#step-counts-that-fail.
    [Theory]
    [MemberData(nameof(Names))]
    public void Every_number_of_steps_works(string name)
    {
        var start = new TorchRandom(5).Normal(1, 1, 2, 2);
        foreach (var steps in new[] { 1, 2, 3, 4, 9, 27, 36, 101, 333, 999, 1000 })
        {
            var reports = new List<SamplingStep>();

            var result = SamplerNames
                .Parse(name)
                .Sample(new Constant(new Tensor(1, 1, 2, 2)), start, RunOf(steps) with { OnStep = reports.Add });

            result.ToTensor().Data.ShouldAllBe(value => float.IsFinite(value));
            reports.Count.ShouldBeGreaterThanOrEqualTo(name == "ddim" ? steps - 1 : steps);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void One_step_starts_at_the_noisiest_time(string name)
    {
        var times = new List<double>();

        SamplerNames
            .Parse(name)
            .Sample(
                new Constant(new Tensor(1, 1, 2, 2)),
                new TorchRandom(5).Normal(1, 1, 2, 2),
                RunOf(1) with
                {
                    OnStep = step => times.Add(step.Timestep),
                }
            );

        // ddim's single step is at timestep 1, in the original too.
        times.ShouldBe([name == "ddim" ? 1.0 : 999.0], 1e-3);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Each_step_is_reported_with_its_preview(string name)
    {
        var clean = new TorchRandom(4).Normal(1, 1, 2, 2);
        var reports = new List<SamplingStep>();

        SamplerNames
            .Parse(name)
            .Sample(new Constant(clean), new TorchRandom(5).Normal(1, 1, 2, 2), RunOf(5) with { OnStep = reports.Add });

        reports.Select(report => report.Step).ShouldBe([1, 2, 3, 4, 5]);
        reports.ShouldAllBe(report => report.Steps == 5);
        reports.ShouldAllBe(report => report.X0.ToTensor().Data.SequenceEqual(clean.Data));
        reports.Select(report => report.Timestep).ShouldBeInOrder(SortDirection.Descending);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_cancelled_run_stops_before_the_next_prediction(string name)
    {
        using var source = new CancellationTokenSource();
        var denoiser = new Constant(new Tensor(1, 1, 2, 2));

        Should.Throw<OperationCanceledException>(() =>
            SamplerNames
                .Parse(name)
                .Sample(
                    denoiser,
                    new TorchRandom(5).Normal(1, 1, 2, 2),
                    RunOf(10) with
                    {
                        Cancellation = source.Token,
                        OnStep = step =>
                        {
                            if (step.Step == 3)
                            {
                                source.Cancel();
                            }
                        },
                    }
                )
        );

        denoiser.Calls.ShouldBeInRange(3, 6); // one or two predictions a step
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_start_is_left_as_it_was(string name)
    {
        var start = new TorchRandom(5).Normal(1, 1, 4, 4);
        var before = start.Clone();

        SamplerNames.Parse(name).Sample(new Constant(new Tensor(1, 1, 4, 4)), start, RunOf(3));

        start.Data.ShouldBe(before.Data);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1001)]
    public void A_number_of_steps_out_of_range_is_refused(int steps) =>
        Should
            .Throw<DiffBirException>(() =>
                new Spaced().Sample(new Constant(new Tensor(1, 1, 2, 2)), new Tensor(1, 1, 2, 2), RunOf(steps))
            )
            .Message.ShouldBe($"The number of steps is {steps}; it must be from 1 to 1000 (--steps).");

    [Fact]
    public void A_prediction_of_another_shape_is_refused() =>
        Should
            .Throw<ShapeException>(() =>
                new Spaced().Sample(new Constant(new Tensor(1, 1, 2, 3)), new Tensor(1, 1, 2, 2), RunOf(2))
            )
            .Message.ShouldBe("x0 must be [1, 1, 2, 2], got [1, 1, 2, 3].");

    [Fact]
    public void A_parameter_reaches_the_sampler_that_has_it()
    {
        Read("edm_euler_a", ("eta", "0.5"), ("s-noise", "1.1")).ShouldBe(new EdmEulerAncestral { Eta = 0.5, SNoise = 1.1 });
        Read("edm_heun", ("s-churn", "2"), ("s-tmin", "1"), ("s-tmax", "50"), ("s-noise", "1.1"))
            .ShouldBe(
                new EdmHeun
                {
                    SChurn = 2,
                    STMin = 1,
                    STMax = 50,
                    SNoise = 1.1,
                }
            );
        Read("edm_lms", ("order", "3")).ShouldBe(new EdmLms { Order = 3 });
    }

    [Fact]
    public void A_parameter_may_be_given_before_its_sampler() =>
        RestorationRequest
            .Read([new("order", "3"), new("sampler", "edm_lms")], PackCatalog.Find("v2"))
            .Options.Sampling.Sampler.ShouldBe(new EdmLms { Order = 3 });

    [Fact]
    public void A_parameter_that_a_sampler_does_not_have_is_refused_with_those_that_have_it()
    {
        Should
            .Throw<OptionException>(() => Read("ddim", ("eta", "1")))
            .Message.ShouldStartWith(
                "The sampler ddim does not have the parameter --eta; these have it: edm_euler_a, edm_dpm_2_a,"
            );
        Should
            .Throw<OptionException>(() => Read("edm_euler", ("order", "2")))
            .Message.ShouldContain("--order; these have it: edm_lms.");
    }

    [Theory]
    [InlineData("edm_lms", "order", "9", "order is 9; it must be from 1 to 8 (--order).")]
    [InlineData("edm_heun", "s-churn", "-1", "s-churn is -1; it must be 0 or more (--s-churn).")]
    [InlineData("edm_euler_a", "eta", "NaN", "eta is NaN; it must be 0 or more (--eta).")]
    public void A_parameter_out_of_range_is_refused(string name, string parameter, string value, string message)
    {
        var options = new RestorationOptions { Sampling = new() { Sampler = Read(name, (parameter, value)) } };

        Should.Throw<OptionException>(() => options.Settle(PackCatalog.Find("v2"))).Message.ShouldBe(message);
    }

    [Fact]
    public void An_unknown_name_is_refused_with_the_known_ones() =>
        Should
            .Throw<DiffBirException>(() => SamplerNames.Parse("plms"))
            .Message.ShouldStartWith("There is no sampler \"plms\". Use one of spaced, ddim, dpm++_m2, edm_euler,");

    private static Sampler Read(string name, params (string Parameter, string Value)[] parameters) =>
        RestorationRequest
            .Read([new("sampler", name), .. parameters.Select(given => KeyValuePair.Create(given.Parameter, given.Value))])
            .Options.Sampling.Sampler!;

    private static SamplingRun RunOf(int steps) =>
        new()
        {
            Schedule = Schedule,
            Steps = steps,
            Noise = new TorchRandom(231),
        };

    private static double Distance(Tensor a, Tensor b) =>
        Math.Sqrt(a.Data.Zip(b.Data, (x, y) => (x - y) * (double)(x - y)).Average());

    private sealed class Constant(Tensor clean) : IDenoiser
    {
        public int Calls { get; private set; }

        public Latent PredictClean(Latent xt, NoiseLevel level, CancellationToken cancellation)
        {
            Calls++;
            return clean.Clone();
        }
    }
}
