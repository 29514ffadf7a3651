using System.Text.Json;
using DiffBir.Engine;
using DiffBir.Imaging;
using DiffBir.Networks.Diffusion;
using DiffBir.Sampling;
using DiffBir.Tests.Support;

namespace DiffBir.Tests.Sampling;

/// <summary>Every sampler on the small networks: guided, with a rescaled scale, and tiled.</summary>
public sealed class SamplerNetworkParityTests(SmallDenoisers denoisers) : IClassFixture<SmallDenoisers>
{
    // The original against itself with another thread count differs by up to 3e-6 of the largest value in each
    // prediction; the fixture's sensitivity is what 1e-6 at the start becomes.
    private const double RelativeTolerance = 1e-4;
    private const double Rounding = 3;

    private static readonly Lazy<Fixture> Net = new(() => Parity.Fixture("samplers_net"));

    public static TheoryData<string> Cases =>
        Parity.Folder is null
            ? [""]
            :
            [
                .. Net
                    .Value.Names.Where(name => name.EndsWith("/result", StringComparison.Ordinal))
                    .Select(name => name[..^"/result".Length]),
            ];

    [ParityTheory]
    [Trait("Category", "Slow")]
    [MemberData(nameof(Cases))]
    public void A_run_ends_where_the_originals_did(string name)
    {
        var fixture = Net.Value;
        var described = fixture.Json(name);
        var expected = fixture.Tensor($"{name}/result");

        var actual = Sample(fixture, name);

        var sensitivity = described.GetProperty("sensitivity").GetDouble();
        var largest = expected.Data.Max(Math.Abs);
        actual.ShouldBeCloseTo(expected, Math.Max(RelativeTolerance, Rounding * sensitivity) * largest, name);
    }

    private Latent Sample(Fixture fixture, string name)
    {
        var described = fixture.Json(name);
        var schedule = name.Split('/')[0];
        var (height, width) = (fixture.Shape($"{name}/result")[2], fixture.Shape($"{name}/result")[3]);
        var samplerName = described.GetProperty("sampler").GetString()!;
        INoisePredictor network = denoisers.Of(schedule == "eps" ? "v2" : "v2.1");
        var tile = described.GetProperty("tile");
        if (tile.ValueKind == JsonValueKind.Array)
        {
            network = new TiledNoisePredictor(network, tile[0].GetInt32(), tile[1].GetInt32());
        }

        var rescale = described.GetProperty("rescale_cfg").GetBoolean();
        var guided = new ClassifierFreeGuidance(
            network,
            Condition("c_txt"),
            Condition("u_txt"),
            new CfgScale(described.GetProperty("cfg").GetDouble(), rescale ? CfgRescale.AboveOne : CfgRescale.Never)
        );
        var draws = $"{name}/noise";
        return SamplerNames
            .Parse(samplerName)
            .Sample(
                new CleanPredictor(guided, schedule == "eps" ? Parameterization.Eps : Parameterization.V),
                Crop("x_T"),
                new SamplingRun
                {
                    Schedule = NoiseScheduleTests.ScheduleOf(schedule),
                    Steps = described.GetProperty("steps").GetInt32(),
                    Noise = new RecordedNoise(fixture.Contains(draws) ? fixture.Tensor(draws) : null),
                }
            );

        DenoiserCondition Condition(string text) => new(fixture.Tensor($"{schedule}/inputs/{text}"), Crop("c_img"));

        Tensor Crop(string input) => Framing.Crop(fixture.Tensor($"{schedule}/inputs/{input}"), new(0, 0, height, width));
    }
}

/// <summary>The small networks as samplers' wrappers ask for them, loaded once for each size.</summary>
public sealed class SmallDenoisers : IDisposable
{
    private readonly Dictionary<(string Version, int Height, int Width), NetworkSession> _sessions = [];

    internal INoisePredictor Of(string version) => new SmallDenoiser(this, version);

    public void Dispose()
    {
        foreach (var session in _sessions.Values)
        {
            session.Dispose();
        }
    }

    private NetworkSession Session(string version, int height, int width, int tokens)
    {
        if (!_sessions.TryGetValue((version, height, width), out var session))
        {
            session = NetworkSession.Create(
                ControlledUNet.Build(SmallNetworks.UNet, new(1, height, width, tokens)),
                SmallNetworks.Denoiser(version),
                new EngineOptions { Device = Device.Cpu }
            );
            _sessions.Add((version, height, width), session);
        }

        return session;
    }

    private sealed class SmallDenoiser(SmallDenoisers owner, string version) : INoisePredictor
    {
        public Latent Predict(Latent xt, double timestep, DenoiserCondition condition, CancellationToken cancellation)
        {
            var strength = new Tensor(SmallNetworks.UNet.Controls);
            strength.Span.Fill(1);
            var session = owner.Session(version, xt.Size(2), xt.Size(3), condition.Text.Size(1));
            return session.Run(
                ("xt", xt.ToTensor()),
                ("hint", condition.Latent.ToTensor()),
                ("timestep", new Tensor([(float)timestep], 1)),
                ("context", condition.Text),
                ("strength", strength)
            )["prediction"];
        }
    }
}
