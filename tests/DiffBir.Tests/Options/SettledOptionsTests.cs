using System.Reflection;
using DiffBir.Engine;
using DiffBir.Guidance;
using DiffBir.Imaging;
using DiffBir.Options;
using DiffBir.Packs;
using DiffBir.Sampling;
using DiffBir.Sampling.Samplers;
using DiffBir.Tests.Imaging;

namespace DiffBir.Tests.Options;

/// <summary>Options are settled once: what is left open is decided, and all is validated.</summary>
public sealed class SettledOptionsTests
{
    private static readonly ModelPack Mini = PackCatalog.Find("mini");

    [Fact]
    public void A_whole_run_validates_its_options_once()
    {
        var sampler = new CountingSampler();
        var options = new RestorationOptions
        {
            Upscale = 1,
            Sampling = new() { Sampler = sampler, Steps = 2 },
            Guidance = new() { Scale = 0 },
            Tiling = new() { Tile = TileChoice.Off },
            Engine = new() { Device = Device.Cpu, Threads = 1 },
        };
        using var photo = Photo.Of(Pictures.Gradient(32, 32));

        using (var restorer = new Restorer(Mini with { MinimumSide = 64 }, options))
        {
            restorer.Restore(photo).Single().Dispose();
        }

        sampler.Runs.ShouldBe(1);
        sampler.Validations.ShouldBe(1);
    }

    [Fact]
    public void Nothing_that_is_settled_can_be_missing()
    {
        var nullability = new NullabilityInfoContext();

        var properties = new[]
        {
            typeof(RestorationSettings),
            typeof(SamplingSettings),
            typeof(GuidanceSettings),
            typeof(TilingSettings),
        }
            .SelectMany(type => type.GetProperties())
            .ToList();

        properties.Count.ShouldBeGreaterThan(30);
        properties
            .Where(property =>
                Nullable.GetUnderlyingType(property.PropertyType) is not null
                || nullability.Create(property).ReadState == NullabilityState.Nullable
            )
            .ShouldBeEmpty();
    }

    [Fact]
    public void What_is_not_asked_for_is_the_packs()
    {
        var pack = PackCatalog.Find("v2");

        var settings = new RestorationOptions { Samples = 3 }.Settle(pack);

        settings.Upscale.ShouldBe(pack.Defaults.Upscale);
        settings.Sampling.Steps.ShouldBe(pack.Defaults.Steps);
        settings.Sampling.Prompt.ShouldBe(pack.Defaults.Prompt);
        settings.Sampling.NegativePrompt.ShouldBe(pack.Defaults.NegativePrompt);
        settings.Sampling.CfgScale.ShouldBe(pack.Defaults.CfgScale);
        settings.Sampling.Start.ShouldBe(pack.Defaults.Start);
        settings.Guidance.Scale.ShouldBe(pack.Defaults.GuidanceScale);
        SamplerNames.Of(settings.Sampling.Sampler).ShouldBe(pack.Defaults.Sampler);
        settings.BatchSize.ShouldBe(3);
    }

    [Fact]
    public void What_is_asked_for_is_not_the_packs()
    {
        var options = new RestorationOptions
        {
            Upscale = 1.5,
            BatchSize = 2,
            Sampling = new()
            {
                Sampler = new EdmLms { Order = 2 },
                Steps = 7,
                Prompt = "a",
                NegativePrompt = "b",
                CfgScale = 1.25,
                Start = StartPoint.Condition,
            },
            Guidance = new() { Scale = 0.5 },
        };

        var settings = options.Settle(PackCatalog.Find("v2"));

        (settings.Upscale, settings.BatchSize, settings.Guidance.Scale).ShouldBe((1.5, 2, 0.5));
        settings.Sampling.Sampler.ShouldBe(new EdmLms { Order = 2 });
        (settings.Sampling.Steps, settings.Sampling.Prompt, settings.Sampling.NegativePrompt).ShouldBe((7, "a", "b"));
        (settings.Sampling.CfgScale, settings.Sampling.Start).ShouldBe((1.25, StartPoint.Condition));
    }

    [Fact]
    public void A_model_without_stage_2_is_asked_for_stage_1_alone()
    {
        var pack = Mini with { UNet = null, Generator = null };

        new RestorationOptions().Settle(pack).Stage2.ShouldBe(Stage2.None);
    }

    [Fact]
    public void A_tile_that_is_not_asked_for_is_that_of_the_part_before_it()
    {
        var tiling = new TilingOptions
        {
            Tile = TileChoice.Of(512),
            VaeTile = TileChoice.Of(256),
            Stride = 64,
        }.Settle();

        tiling.Stage1.ShouldBe(new TileRule(IsAuto: false, new(512, 64)));
        tiling.Denoiser.ShouldBe(new TileRule(IsAuto: false, new(512, 64)));
        tiling.Encoder.ShouldBe(new TileRule(IsAuto: false, new(256, 64)));
        tiling.Decoder.ShouldBe(new TileRule(IsAuto: false, new(256, 64)));
        new TilingOptions { Tile = TileChoice.Of(512) }
            .Settle()
            .Stage1.ShouldBe(new TileRule(IsAuto: false, new(512, 256)));
        new TilingOptions { Tile = TileChoice.Off }
            .Settle()
            .Stage1.ShouldBe(new TileRule(IsAuto: false, Fixed: null));
    }

    [Fact]
    public void What_the_computation_may_use_is_read_without_a_model()
    {
        var options = RestorationRequest.Read([new("threads", "3"), new("device", "cpu"), new("max-memory", "2GB")]).Options;

        options.Engine.ShouldBe(new EngineOptions { Threads = 3, Device = Device.Cpu });
        options.Tiling.MaxMemory.ShouldBe(2_000_000_000);
    }

    [Theory]
    [InlineData("threads", "-1", "threads is -1; it must be 0 or more (--threads).")]
    [InlineData("upscale", "65", "upscale is 65; it must be from 0.1 to 64 (--upscale).")]
    [InlineData("cfg-scale", "NaN", "cfg-scale is NaN; it must be a finite number (--cfg-scale).")]
    [InlineData("tile-stride", "20", "tile-stride is 20, which is not a multiple of 8. Use 16 (--tile-stride).")]
    [InlineData("quality", "0", "quality is 0; it must be from 1 to 100 (--quality).")]
    public void A_value_out_of_the_range_beside_its_property_is_refused(string name, string value, string message)
    {
        var request = RestorationRequest.Read([new(name, value)]);

        Should.Throw<OptionException>(() => request.Settle(Mini)).Message.ShouldBe(message);
    }

    /// <summary>Counts how often somebody looks whether its parameter is allowed, and samples nothing.</summary>
    private sealed record CountingSampler : Sampler
    {
        public int Validations { get; private set; }

        public int Runs { get; private set; }

        [Option("eta", OptionGroup.Generation, "A parameter.")]
        public double Eta
        {
            get
            {
                Validations++;
                return 1;
            }
            init { }
        }

        private protected override Latent Run(SamplingContext context, Latent start)
        {
            Runs++;
            return start;
        }
    }
}
