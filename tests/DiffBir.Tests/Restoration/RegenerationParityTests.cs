using System.Text.Json;
using DiffBir.Autoencoding;
using DiffBir.Engine;
using DiffBir.Imaging;
using DiffBir.Options;
using DiffBir.Packs;
using DiffBir.Planning;
using DiffBir.Restoration;
using DiffBir.Restoration.Stages;
using DiffBir.Sampling;
using DiffBir.Tests.Sampling;
using DiffBir.Tests.Support;

namespace DiffBir.Tests.Restoration;

/// <summary>All of stage 2 on the small networks, from the clean image to the bytes of the result, with the noise that the original drew.</summary>
public sealed class RegenerationParityTests
{
    // All cases but one agree within 6e-6. A denoiser's tile of 8×8 latent pixels leaves the small UNet two values in each group of
    // its deepest norms, of which a norm keeps little but which is larger: of some hundred such tiles, one shows rounding (2e-4).
    private const double SmallTilesTolerance = 4e-4;

    // A level of the result is 1/255; what the original's own rounding may move is one level in 1e-4 of the values.
    private const double ShareWithinOneLevel = 0.999;
    private const int MaxLevels = 2;

    private static readonly Lazy<Fixture> Recorded = new(() => Parity.Fixture("pipeline"));

    public static TheoryData<string> Cases =>
        Parity.Folder is null
            ? [""]
            :
            [
                .. Recorded
                    .Value.Names.Where(name => name.EndsWith("/z", StringComparison.Ordinal))
                    .Select(name => name[..^"/z".Length]),
            ];

    [ParityTheory]
    [MemberData(nameof(Cases))]
    public void A_clean_image_becomes_the_originals_result(string name)
    {
        var fixture = Recorded.Value;
        var described = fixture.Json(name);
        var clean = fixture.Tensor($"{name}/cond_img");
        var bytes = fixture.Tensor($"{name}/final_uint8"); // [B, H, W, 3]

        for (var image = 0; image < clean.Size(0); image++)
        {
            // Images that the original put into one batch are samples of one batch here: each keeps its part of the noise.
            using var stage2 = Run(name, Image(clean, image), clean.Size(0), described);

            var latent = stage2.Latents[image];
            latent.ShouldMatch(Of("z"), Tolerance(name), $"{name}: latent");
            stage2.Decode(Of("z")).ShouldMatch(To01(Of("sample")), SmallNetworks.Tolerance, $"{name}: decoded");
            ShouldBeWithinLevels(stage2.Finish(stage2.Decode(latent), bytes.Size(1), bytes.Size(2)), Image(bytes, image));

            Tensor Of(string tensor) => Image(fixture.Tensor($"{name}/{tensor}"), image);
        }
    }

    private static Tensor Image(Tensor batch, int index)
    {
        var length = batch.Length / batch.Size(0);
        return new Tensor(batch.Data.AsSpan(index * length, length).ToArray(), [1, .. batch.Shape[1..]]);
    }

    private static double Tolerance(string name) => name == "tiled" ? SmallTilesTolerance : SmallNetworks.Tolerance;

    private static Stage2Run Run(string name, Tensor clean, int batch, JsonElement described)
    {
        var pack = SmallPacks.Read(described.GetProperty("version").GetString()!);
        var settings = (Options(described.GetProperty("options")) with { Samples = batch }).Settle(pack);
        var files = new PackFiles(pack, Parity.PathOf("parity/small/weights"));
        var size = new Size(clean.Size(2), clean.Size(3));
        var run = new RestorationRun(
            new RestorationNetworks(pack, settings, files),
            Photo.Of(clean),
            new RestorationEvents(),
            CancellationToken.None
        )
        {
            Sizes = new RestorationSizes(size, size, size),
            Noise = () => Draws(name),
            Clean = PlanarImage.Of(clean),
        };
        var pipeline = Pipeline.Of(pack, settings);
        run.Plan = pipeline.Plan(new TilePlanner(settings.Tiling, new MemoryBudget(long.MaxValue)), run.Sizes);
        foreach (var stage in pipeline.Stages.Where(stage => stage is EncodingStage or SamplingStage))
        {
            stage.Run(run);
        }

        return new Stage2Run(run);
    }

    private static RestorationOptions Options(JsonElement given)
    {
        var name = Text("sampler_type");
        return new()
        {
            Sampling = new()
            {
                Sampler = SamplerNames.Parse(name),
                Steps = Whole("steps"),
                CfgScale = given.GetProperty("cfg_scale").GetDouble(),
                CfgRescale = Is("rescale_cfg"),
                Prompt = Text("pos_prompt"),
                NegativePrompt = Text("neg_prompt"),
                Strength = given.GetProperty("strength").GetDouble(),
                Start = Text("start_point_type") == "cond" ? StartPoint.Condition : StartPoint.Noise,
                NoiseAugmentation = Whole("noise_aug"),
            },
            Tiling = new()
            {
                Tile = Tile("cldm"),
                Stride = Whole("cldm_tile_stride"),
                VaeTile = Tile("vae_encoder"),
                VaeDecoderTile = Tile("vae_decoder"),
                VaeTiling = VaeTiling.Synchronized,
                Prompt = TilePrompt.Whole,
            },
            Engine = new() { Device = Device.Cpu },
        };

        string Text(string option) => given.GetProperty(option).GetString()!;
        int Whole(string option) => given.GetProperty(option).GetInt32();
        bool Is(string option) => given.GetProperty(option).GetBoolean();
        TileChoice Tile(string part) => Is($"{part}_tiled") ? TileChoice.Of(Whole($"{part}_tile_size")) : TileChoice.Off;
    }

    /// <summary>All draws of a case: the start, the augmentation, the steps.</summary>
    private static RecordedNoise Draws(string name)
    {
        var fixture = Recorded.Value;
        var draws = fixture
            .Names.Where(tensor => tensor.StartsWith($"{name}/noise_", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .Select(fixture.Tensor)
            .ToList();
        return new RecordedNoise(new Tensor([.. draws.SelectMany(draw => draw.Data)], [draws.Count, .. draws[0].Shape]));
    }

    private static Tensor To01(Tensor imagePm1) => new(Array.ConvertAll(imagePm1.Data, value => (value + 1) / 2), imagePm1.Shape);

    /// <summary>Compares bytes [3, H, W] with what the original gave as [1, H, W, 3].</summary>
    private static void ShouldBeWithinLevels(byte[] actual, Tensor expected)
    {
        var plane = expected.Size(1) * expected.Size(2);
        actual.Length.ShouldBe(expected.Length);
        var differences = Enumerable
            .Range(0, actual.Length)
            .Select(index => Math.Abs(actual[index] - expected.Data[(index % plane * 3) + (index / plane)]))
            .ToList();
        differences.Max().ShouldBeLessThanOrEqualTo(MaxLevels);
        differences
            .Count(difference => difference <= 1)
            .ShouldBeGreaterThanOrEqualTo((int)Math.Ceiling(ShareWithinOneLevel * actual.Length));
    }

    /// <summary>What stage 2 gave, and the steps that follow it.</summary>
    private sealed record Stage2Run(RestorationRun Run) : IDisposable
    {
        public IReadOnlyList<Latent> Latents => Run.Samples;

        /// <summary>The image of a latent: [1, 3, H, W], about [0, 1].</summary>
        public Tensor Decode(Latent latent)
        {
            using var image = Run.Decode(latent);
            return image.ToTensor();
        }

        /// <summary>The bytes [3, H, W] of an image with the clean image's colors, at the size of the output.</summary>
        public byte[] Finish(Tensor decoded, int height, int width)
        {
            var colored = WaveletColorFix.Apply(decoded, Run.Clean.ToTensor());
            var resized = Resampling.Resize(colored, height, width, Interpolation.BicubicAntialiased);
            var bytes = new byte[resized.Length];
            Quantization.ToBytes(resized.Span, bytes, Rounding.Truncate);
            return bytes;
        }

        public void Dispose()
        {
            Run.Dispose();
            Run.Networks.Dispose();
        }
    }
}
