using System.Text.Json;
using DiffBir.Sampling;
using DiffBir.Tests.Support;

namespace DiffBir.Tests.Sampling;

/// <summary>Every sampler on a formula instead of a network, with the noise the original drew.</summary>
public sealed class SamplerParityTests
{
    private const double RelativeTolerance = 2e-5; // rounding, relative to the largest value

    private static readonly Lazy<Fixture> Toy = new(() => Parity.Fixture("samplers_toy"));

    public static TheoryData<string> Cases =>
        [
            .. Parity.Folder is null
                ? []
                : Toy
                    .Value.Names.Where(name => name.EndsWith("/result", StringComparison.Ordinal))
                    .Select(name => name[..^"/result".Length]),
        ];

    [ParityTheory]
    [MemberData(nameof(Cases))]
    public void A_run_ends_where_the_originals_did(string name)
    {
        var (run, described) = (new ToyRun(Toy.Value, name), Toy.Value.Json(name));
        var expected = Toy.Value.Tensor($"{name}/result");

        var actual = run.Sample();

        // Where a change of 1e-6 at the start grows beyond the tolerance, rounding does so as well.
        var sensitivity = described.GetProperty("sensitivity").GetDouble();
        var largest = expected.Data.Max(Math.Abs);
        actual.ShouldBeCloseTo(expected, Math.Max(RelativeTolerance, sensitivity) * largest, name);
        // What is drawn next, for another sample, is what the original would draw.
        run.Noise.Left.ShouldBe(0, name);
    }

    [ParityTheory]
    [MemberData(nameof(Cases))]
    public void The_network_is_told_the_times_that_the_original_told_it(string name)
    {
        const double LastBit = 1e-4; // of a 32-bit number near 1000
        var run = new ToyRun(Toy.Value, name);
        run.Sample();

        var expected = Toy.Value.Json(name).GetProperty("model_t").EnumerateArray().Select(call => call[0].GetDouble());

        Changes(run.Network.Timesteps).ShouldBe(Changes(expected), LastBit);

        // How often a time is told in a row depends on how cond and uncond are evaluated.
        static double[] Changes(IEnumerable<double> times) =>
            times.Aggregate(Array.Empty<double>(), (seen, t) => seen.Length > 0 && seen[^1] == t ? seen : [.. seen, t]);
    }

    private sealed class ToyRun
    {
        private readonly Sampler _sampler;
        private readonly IDenoiser _denoiser;
        private readonly SamplingRun _run;
        private readonly Tensor _start;

        public ToyRun(Fixture fixture, string name)
        {
            var described = fixture.Json(name);
            var schedule = name.Split('/')[0];
            var batch = fixture.Shape($"{name}/result")[0];
            var rescale = described.GetProperty("rescale_cfg").GetBoolean();
            var samplerName = described.GetProperty("sampler").GetString()!;
            var guided = new ClassifierFreeGuidance(
                Network,
                Condition("c"),
                Condition("u"),
                new CfgScale(
                    described.GetProperty("cfg").GetDouble(),
                    !rescale ? CfgRescale.Never
                        : samplerName == "dpm++_m2" ? CfgRescale.Always
                        : CfgRescale.AboveOne
                ),
                inOneBatch: samplerName is "ddim" or "dpm++_m2"
            );
            _denoiser = new CleanPredictor(guided, schedule == "eps" ? Parameterization.Eps : Parameterization.V);
            _sampler = WithParameters(SamplerNames.Parse(samplerName), described.GetProperty("options"));
            var draws = $"{name}/noise";
            Noise = new RecordedNoise(fixture.Contains(draws) ? fixture.Tensor(draws) : null);
            _run = new SamplingRun
            {
                Schedule = NoiseScheduleTests.ScheduleOf(schedule),
                Steps = described.GetProperty("steps").GetInt32(),
                Noise = Noise,
            };
            _start = Input("x_T");

            DenoiserCondition Condition(string prefix) => new(Input($"{prefix}_txt"), Input($"{prefix}_img"));

            Tensor Input(string input)
            {
                var whole = fixture.Tensor($"inputs/{input}");
                var size = whole.Length / whole.Size(0) * batch;
                return new Tensor(whole.Data[..size], [batch, .. whole.Shape[1..]]);
            }
        }

        public ToyNetwork Network { get; } = new();

        public RecordedNoise Noise { get; }

        public Latent Sample() => _sampler.Sample(_denoiser, _start, _run);

        private static Sampler WithParameters(Sampler sampler, JsonElement options)
        {
            foreach (var name in (string[])["eta", "s_churn", "s_tmin", "s_tmax", "s_noise", "order"])
            {
                if (options.TryGetProperty(name, out var value))
                {
                    object number = name == "order" ? (object)value.GetInt32() : value.GetDouble();
                    sampler = sampler.WithParameter(name.Replace('_', '-'), number);
                }
            }

            return sampler;
        }
    }
}
