using System.Text.Json;
using DiffBir.Autoencoding;
using DiffBir.Guidance;
using DiffBir.Imaging;
using DiffBir.Networks.Autoencoder;
using DiffBir.Sampling;
using DiffBir.Sampling.Samplers;
using DiffBir.Tests.Autoencoding;
using DiffBir.Tests.Sampling;
using DiffBir.Tests.Support;

namespace DiffBir.Tests.Guidance;

/// <summary>Guidance through the small networks, as v2.0.0 does it.</summary>
[Trait("Category", "Slow")]
public sealed class GuidanceNetworkParityTests(SmallDenoisers denoisers) : IClassFixture<SmallDenoisers>
{
    private const double Rounding = 1e-5; // relative to the largest value

    private static readonly Lazy<Fixture> Guidance = new(() => Parity.Fixture("guidance_v20"));

    public static TheoryData<string> Moves =>
        Parity.Folder is null
            ? [""]
            :
            [
                .. Guidance
                    .Value.Names.Where(name => name.EndsWith("/after", StringComparison.Ordinal))
                    .Select(name => name[..^"/after".Length]),
            ];

    [ParityTheory]
    [MemberData(nameof(Moves))]
    public void A_guided_prediction_moves_as_the_originals(string name)
    {
        var (fixture, described) = (Guidance.Value, Guidance.Value.Json(name));
        var steps = described.GetProperty("steps").GetInt32();
        var index = described.GetProperty("index").GetInt32();
        var settings = new GuidanceSettings
        {
            Scale = described.GetProperty("scale").GetDouble(),
            Repeat = described.GetProperty("repeat").GetInt32(),
        };
        var loss = LossOf(
            fixture.Tensor($"{name}/target"),
            described.GetProperty("space").GetString()!,
            described.GetProperty("loss").GetString()!,
            Draws(name)
        );
        var losses = new List<double>();

        var after = new RestorationGuidance(
            new Fixed(fixture.Tensor($"{name}/before")),
            loss,
            settings,
            step => losses.Add(step.Loss)
        ).PredictClean(
            fixture.Tensor($"{name}/before"),
            SpacedStep.Plan(NoiseSchedule.ScaledLinear(), steps)[steps - 1 - index].Level,
            CancellationToken.None
        );

        var expected = fixture.Tensor($"{name}/after");
        after.ShouldBeCloseTo(expected, Rounding * expected.Data.Max(Math.Abs), name);
        var expectedLoss = described.GetProperty("g_loss").GetDouble();
        losses.Single().ShouldBe(expectedLoss, Rounding * Math.Max(1, expectedLoss));
    }

    [ParityTheory]
    [InlineData("none", 1001, -1)]
    [InlineData("mse_rgb_1001_-1", 1001, -1)]
    [InlineData("w_mse_rgb_1001_-1", 1001, -1)]
    [InlineData("w_mse_rgb_900_300", 900, 300)]
    [InlineData("mse_latent_1001_-1", 1001, -1)]
    public void A_guided_run_ends_where_the_originals_did(string kind, int start, int stop)
    {
        const double Grown = 1e-4; // through five guided steps
        var (fixture, name) = (Guidance.Value, $"sample/{kind}");
        var described = fixture.Json(name);
        var noise = Draws(name);
        var space = kind.Contains("latent", StringComparison.Ordinal) ? "latent" : "rgb";
        var loss = kind.StartsWith('w') ? "w_mse" : "mse";
        var guided = new ClassifierFreeGuidance(
            denoisers.Of("v2"),
            new DenoiserCondition(Input("c_txt"), Input("c_img")),
            new DenoiserCondition(Input("u_txt"), Input("c_img")),
            new CfgScale(described.GetProperty("cfg").GetDouble())
        );
        var settings = new GuidanceSettings
        {
            Scale = kind == "none" ? 0 : described.GetProperty("scale").GetDouble(),
            Start = start,
            Stop = stop,
        };

        var result = new Spaced().Sample(
            new RestorationGuidance(
                new CleanPredictor(guided, Parameterization.Eps),
                LossOf(Input("target"), space, loss, noise),
                settings
            ),
            Input("x_T"),
            new SamplingRun
            {
                Schedule = NoiseSchedule.ScaledLinear(),
                Steps = described.GetProperty("steps").GetInt32(),
                Noise = noise,
            }
        );

        var expected = fixture.Tensor($"{name}/result");
        result.ShouldBeCloseTo(expected, Grown * expected.Data.Max(Math.Abs), name);

        Tensor Input(string input) => fixture.Tensor($"sample/inputs/{input}");
    }

    private static RecordedNoise Draws(string name)
    {
        var draws = $"{name}/noise";
        return new RecordedNoise(Guidance.Value.Contains(draws) ? Guidance.Value.Tensor(draws) : null);
    }

    private static IGuidanceLoss LossOf(Tensor targetPm1, string space, string loss, RecordedNoise noise)
    {
        var networks = SmallAutoencoder.Of("v2");
        if (space == "latent")
        {
            using var autoencoder = new UntiledAutoencoder(networks);
            var moments = autoencoder.Moments(targetPm1, CancellationToken.None);
            var posterior = LatentPosterior.Of(moments, networks.Config.ScaleFactor);
            return new MseLoss(() => posterior.Sample(noise));
        }

        var (height, width) = (targetPm1.Size(2), targetPm1.Size(3));
        var image01 = new Tensor(Array.ConvertAll(targetPm1.Data, value => (value + 1) / 2), targetPm1.Shape);
        return new DecodedImageLoss(
            networks.Config.Reduction,
            networks.Sized((rows, columns) => DecoderLoss.Build(networks.Config, 1, rows, columns, AutoencoderKl.Scope)),
            new GuidanceTarget(PlanarImage.Of(image01), height, width, loss == "w_mse"),
            tile: null
        );
    }

    private sealed class Fixed(Latent x0) : IDenoiser
    {
        public Latent PredictClean(Latent xt, NoiseLevel level, CancellationToken cancellation) => x0;
    }
}
