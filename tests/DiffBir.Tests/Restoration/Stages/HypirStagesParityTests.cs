using System.Text.Json;
using DiffBir.Engine;
using DiffBir.Imaging;
using DiffBir.Options;
using DiffBir.Packs;
using DiffBir.Planning;
using DiffBir.Restoration;
using DiffBir.Restoration.Stages;
using DiffBir.Tests.Sampling;
using DiffBir.Tests.Support;
using DiffBir.Tiling;

namespace DiffBir.Tests.Restoration.Stages;

/// <summary>All of HYPIR's stages on one small image each, tensor by tensor: latents of sides that are no multiple of 8 among them.</summary>
public sealed class HypirStagesParityTests
{
    private const double Tolerance = 1e-4;

    [ParityTheory]
    [InlineData("tiled")]
    [InlineData("grown")]
    [InlineData("longest")]
    public void Every_stage_gives_what_the_originals_gives(string name)
    {
        var fixture = new Fixture(Parity.PathOf($"parity/onestep/fixtures/hypir_enhance_{name}.safetensors"));
        using var folder = new OneStepFiles();
        var pack = OneStepFiles.Read("hypir");
        var settings = Settings(fixture, pack);
        using var lq = Photo.Of(fixture["lq"]);
        using var networks = new RestorationNetworks(pack, settings, new PackFiles(pack, folder.Folder));
        using var run = new RestorationRun(networks, lq, new RestorationEvents(), CancellationToken.None)
        {
            Noise = () => Draws(fixture),
        };
        var pipeline = Pipeline.Of(pack, settings);
        run.Plan = pipeline.Plan(new TilePlanner(settings.Tiling, new MemoryBudget(long.MaxValue)), run.Sizes);

        foreach (var stage in pipeline.Stages)
        {
            stage.Run(run);
            Check(stage, run, fixture);
        }

        var bytes = new byte[fixture["uint8"].Length / 3];
        run.Results.Count.ShouldBe(1);
        var result = run.Results[0].Pixels.ToTensor();
        var levels = new int[256];
        for (var plane = 0; plane < 3; plane++)
        {
            Quantization.ToBytes(result.Span.Slice(plane * bytes.Length, bytes.Length), bytes, Rounding.Truncate);
            for (var pixel = 0; pixel < bytes.Length; pixel++)
            {
                levels[Math.Abs(bytes[pixel] - (int)fixture["uint8"].Data[(pixel * 3) + plane])]++;
            }
        }

        levels[2..].Sum().ShouldBe(0);
    }

    private static void Check(IStage stage, RestorationRun run, Fixture fixture)
    {
        switch (stage)
        {
            case EnlargingStage:
                run.Clean.ToTensor().ShouldMatch(fixture["ref"], Tolerance, "ref");
                break;
            case EncoderInputStage:
                To01(fixture["x"]).ShouldMatch(run.EncoderInput.ToTensor(), Tolerance, "x");
                break;
            case EncodingStage:
                var z = run.Conditions.Posterior.Sample(Draws(fixture)).ToTensor();
                z.ShouldMatch(Scaled(fixture["z_lq"]), Tolerance, "z_lq");
                break;
            case OneStepStage:
                run.Samples[0].ToTensor().ShouldMatch(Scaled(fixture["z"]), Tolerance, "z");
                break;
            case DecodingStage:
                var image = run.Images[0];
                var expected = Framing.Crop(To01(fixture["decoded"]), new(0, 0, image.Height, image.Width));
                image.ToTensor().ShouldMatch(expected, Tolerance, "decoded");
                break;
            case ColorFixStage:
                run.Images[0].ToTensor().ShouldMatch(fixture["final"], Tolerance, "final");
                break;
        }
    }

    /// <summary>The original's options; tiles as small as these are not offered.</summary>
    private static RestorationSettings Settings(Fixture fixture, ModelPack pack)
    {
        var given = fixture.Json("options");
        var isFactor = given.TryGetProperty("upscale", out var factor);
        var options = new RestorationOptions
        {
            Upscale = isFactor ? factor.GetDouble() : null,
            LongestSide = isFactor ? null : given.GetProperty("target_longest_side").GetInt32(),
            Sampling = new() { Prompt = fixture.Metadata("prompt") },
            Engine = new() { Device = Device.Cpu },
        };
        var settings = options.Settle(pack);
        var side = given.GetProperty("patch_size").GetInt32();
        var rule = new TileRule(IsAuto: false, new TileSize(side, given.GetProperty("stride").GetInt32()));
        return settings with
        {
            OneStep = settings.OneStep with { MinimumSide = side },
            Tiling = settings.Tiling with { Encoder = rule, Decoder = rule, Denoiser = rule },
        };
    }

    private static RecordedNoise Draws(Fixture fixture)
    {
        var draws = fixture
            .Names.Where(name => name.StartsWith("noise/", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .Select(fixture.Tensor)
            .ToList();
        return new RecordedNoise(new Tensor([.. draws.SelectMany(draw => draw.Data)], [draws.Count, .. draws[0].Shape]));
    }

    private static Tensor Scaled(Tensor latent) => new(Array.ConvertAll(latent.Data, value => value * 0.18215f), latent.Shape);

    private static Tensor To01(Tensor imagePm1) => new(Array.ConvertAll(imagePm1.Data, value => (value + 1) / 2), imagePm1.Shape);
}
