using System.CommandLine;
using DiffBir.Autoencoding;
using DiffBir.Cli.Commands;
using DiffBir.Engine;
using DiffBir.Guidance;
using DiffBir.Imaging;
using DiffBir.Options;
using DiffBir.Packs;
using DiffBir.Sampling;
using DiffBir.Sampling.Samplers;

namespace DiffBir.Tests.Cli.Commands;

public sealed class RestoreOptionsTests
{
    private static readonly ModelPack Pack = PackCatalog.Find("v2");

    /// <summary>What the command line without any option asks for.</summary>
    private static readonly RestorationOptions Plain = Read();

    /// <summary>Each option that becomes a property of the library, and what it changes.</summary>
    private static readonly (string Arguments, RestorationOptions Expected)[] Rows =
    [
        ("--task face", Plain with { Task = RestorationTask.Face }),
        ("--upscale 2.5", Plain with { Upscale = 2.5 }),
        ("--longest-side 900", Plain with { LongestSide = 900 }),
        ("--size fit:90x60", Plain with { Size = new(90, 60) { FitsInside = true } }),
        ("--color-fix adain", Plain with { ColorFix = ColorFix.AdaIn }),
        ("--stage1", OneStep(s => s with { Stage1 = true })),
        ("--posterior mean", OneStep(s => s with { Posterior = PosteriorChoice.Mean })),
        ("--pixel-scale 0.5", OneStep(s => s with { PixelScale = 0.5 })),
        ("--semantic-scale 2", OneStep(s => s with { SemanticScale = 2 })),
        ("--original-size", OneStep(s => s with { OriginalSize = true })),
        ("--stage1-only", Plain with { Stage1Only = true }),
        ("--background none", Plain with { Faces = new() { Background = FaceBackground.None } }),
        ("--only-largest-face", Plain with { Faces = new() { OnlyLargest = true } }),
        ("--strict-original", Plain with { Faces = new() { StrictOriginal = true } }),
        ("--min-face 7.5", Plain with { Faces = new() { MinEyeDistance = 7.5 } }),
        ("--samples 3", Plain with { Samples = 3 }),
        ("--batch-size 2", Plain with { BatchSize = 2 }),
        ("--seed -7", Plain with { Seed = -7 }),
        ("--steps 7", Sampling(s => s with { Steps = 7 })),
        ("--cfg-scale 1.5", Sampling(s => s with { CfgScale = 1.5 })),
        ("--cfg-rescale", Sampling(s => s with { CfgRescale = true })),
        ("--cfg-start 700", Sampling(s => s with { CfgStart = 700 })),
        ("--cfg-stop 100", Sampling(s => s with { CfgStop = 100 })),
        ("--cache-interval 3", Sampling(s => s with { CacheInterval = 3 })),
        ("--cache-depth 2", Sampling(s => s with { CacheDepth = 2 })),
        ("--prompt x", Sampling(s => s with { Prompt = "x" })),
        ("--negative-prompt x", Sampling(s => s with { NegativePrompt = "x" })),
        ("--strength 0.5", Sampling(s => s with { Strength = 0.5 })),
        ("--start condition", Sampling(s => s with { Start = StartPoint.Condition })),
        ("--start low-frequencies", Sampling(s => s with { Start = StartPoint.LowFrequencies })),
        ("--noise-aug 9", Sampling(s => s with { NoiseAugmentation = 9 })),
        ("--sampler ddim", With(new Ddim())),
        ("--sampler edm_euler_a --eta 0.5", With(new EdmEulerAncestral { Eta = 0.5 })),
        ("--sampler edm_euler --s-churn 1", With(new EdmEuler { SChurn = 1 })),
        ("--sampler edm_euler --s-tmin 1", With(new EdmEuler { STMin = 1 })),
        ("--sampler edm_euler --s-tmax 9", With(new EdmEuler { STMax = 9 })),
        ("--sampler edm_euler --s-noise 2", With(new EdmEuler { SNoise = 2 })),
        ("--sampler edm_lms --order 2", With(new EdmLms { Order = 2 })),
        ("--guidance mse", Guidance(g => g with { Loss = GuidanceLossKind.Mse })),
        ("--guidance-scale 0.2", Guidance(g => g with { Scale = 0.2 })),
        ("--guidance-space latent", Guidance(g => g with { Space = GuidanceSpace.Latent })),
        ("--guidance-start 900", Guidance(g => g with { Start = 900 })),
        ("--guidance-stop 100", Guidance(g => g with { Stop = 100 })),
        ("--guidance-repeat 5", Guidance(g => g with { Repeat = 5 })),
        ("--tile off", Tiling(t => t with { Tile = TileChoice.Off })),
        ("--tile 512", Tiling(t => t with { Tile = TileChoice.Of(512) })),
        ("--tile-stride 256", Tiling(t => t with { Stride = 256 })),
        ("--stage1-tile 128", Tiling(t => t with { Stage1Tile = TileChoice.Of(128) })),
        ("--vae-tile auto", Tiling(t => t with { VaeTile = TileChoice.Auto })),
        ("--vae-decoder-tile 64", Tiling(t => t with { VaeDecoderTile = TileChoice.Of(64) })),
        ("--vae-tiling blended", Tiling(t => t with { VaeTiling = VaeTiling.Blended })),
        ("--tile-prompt whole", Tiling(t => t with { Prompt = TilePrompt.Whole })),
        ("--max-memory 1.5GB", Tiling(t => t with { MaxMemory = 1_500_000_000 })),
        ("--device cuda", Engine(e => e with { Device = Device.Cuda })),
        ("--precision fp16", Engine(e => e with { Precision = Precision.Float16 })),
        ("--threads 2", Engine(e => e with { Threads = 2 })),
    ];

    [Fact]
    public void Each_option_changes_its_property_and_no_other()
    {
        foreach (var (arguments, expected) in Rows)
        {
            expected.ShouldNotBe(Plain, arguments);
            Read(arguments.Split(' ')).ShouldBe(expected, arguments);
        }
    }

    [Fact]
    public void Every_property_of_the_options_is_reached()
    {
        var changed = Rows.SelectMany(row => Differences(Plain, row.Expected, "")).ToHashSet();

        Properties(Plain, "")
            .Except(changed)
            .ShouldBe([
                ".Engine.ProfilePrefix", // for the benchmark
            ]);
    }

    private static RestorationOptions Read(params string[] arguments)
    {
        var options = new RestoreOptions();
        var command = new Command("restore");
        foreach (var option in OptionCatalog.All.Select(option => option.Group).Distinct().SelectMany(options.Of))
        {
            command.Add(option);
        }

        var parsed = command.Parse(arguments);
        parsed.Errors.ShouldBeEmpty();
        return options.Read(parsed, Pack).Options;
    }

    private static RestorationOptions Sampling(Func<SamplingOptions, SamplingOptions> change) =>
        Plain with
        {
            Sampling = change(Plain.Sampling),
        };

    private static RestorationOptions With(Sampler sampler) => Sampling(s => s with { Sampler = sampler });

    private static RestorationOptions Guidance(Func<GuidanceOptions, GuidanceOptions> change) =>
        Plain with
        {
            Guidance = change(Plain.Guidance),
        };

    private static RestorationOptions OneStep(Func<OneStepOptions, OneStepOptions> change) =>
        Plain with
        {
            OneStep = change(Plain.OneStep),
        };

    private static RestorationOptions Tiling(Func<TilingOptions, TilingOptions> change) =>
        Plain with
        {
            Tiling = change(Plain.Tiling),
        };

    private static RestorationOptions Engine(Func<EngineOptions, EngineOptions> change) =>
        Plain with
        {
            Engine = change(Plain.Engine),
        };

    /// <summary>The paths of all settings, those of nested records included.</summary>
    private static IEnumerable<string> Properties(object record, string path) =>
        record
            .GetType()
            .GetProperties()
            .Where(property => property.SetMethod is not null)
            .SelectMany(property =>
                IsNested(property.PropertyType)
                    ? Properties(property.GetValue(record)!, $"{path}.{property.Name}")
                    : [$"{path}.{property.Name}"]
            );

    private static IEnumerable<string> Differences(object a, object b, string path) =>
        a.GetType()
            .GetProperties()
            .Where(property => property.SetMethod is not null)
            .SelectMany(property =>
                IsNested(property.PropertyType)
                    ? Differences(property.GetValue(a)!, property.GetValue(b)!, $"{path}.{property.Name}")
                : Equals(property.GetValue(a), property.GetValue(b)) ? []
                : [$"{path}.{property.Name}"]
            );

    private static bool IsNested(Type type) =>
        type == typeof(SamplingOptions)
        || type == typeof(GuidanceOptions)
        || type == typeof(TilingOptions)
        || type == typeof(EngineOptions);
}
