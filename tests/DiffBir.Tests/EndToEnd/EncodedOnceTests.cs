using System.Collections.Concurrent;
using DiffBir.Engine;
using DiffBir.Guidance;
using DiffBir.Imaging;
using DiffBir.Options;
using DiffBir.Tests.Imaging;
using DiffBir.Tests.Support;

namespace DiffBir.Tests.EndToEnd;

/// <summary>How often each network runs in a whole restoration. The original encodes the clean image twice: for the prompt and for the negative prompt.</summary>
public sealed class EncodedOnceTests
{
    private const int Steps = 3;

    [ParityFact]
    public void The_clean_image_is_encoded_once_whatever_is_made_of_it()
    {
        const int Samples = 2;

        var runs = RunsOf(
            new()
            {
                Samples = Samples,
                BatchSize = 1,
                Sampling = new() { Steps = Steps, CfgScale = 4 },
                Guidance = new() { Scale = 0.01, Space = GuidanceSpace.Latent },
            }
        );

        runs["VAE encoder"].ShouldBe(1);
        runs["RRDBNet"].ShouldBe(1);
        runs["text encoder"].ShouldBe(2); // the prompt and the negative prompt
        runs["denoiser"].ShouldBe(Samples * Steps * 2);
        runs["VAE decoder"].ShouldBe(Samples);
    }

    [ParityFact]
    public void Without_a_negative_prompt_its_network_runs_are_spared()
    {
        var runs = RunsOf(
            new()
            {
                Sampling = new() { Steps = Steps, CfgScale = 1 },
            }
        );

        runs["VAE encoder"].ShouldBe(1);
        runs["text encoder"].ShouldBe(1);
        runs["denoiser"].ShouldBe(Steps);
    }

    [ParityTheory]
    [InlineData(1001, -1, 2, 2 * Steps)] // always
    [InlineData(900, 100, 2, Steps + 1)] // not in the first and the last step
    [InlineData(1001, 999, 1, Steps)] // never: the negative prompt is not even encoded
    public void Outside_the_interval_of_guidance_a_step_is_one_pass(int start, int stop, int encoded, int passes)
    {
        var runs = RunsOf(
            new()
            {
                Sampling = new()
                {
                    Steps = Steps,
                    CfgScale = 4,
                    CfgStart = start,
                    CfgStop = stop,
                },
            }
        );

        runs["text encoder"].ShouldBe(encoded);
        runs["denoiser"].ShouldBe(passes);
    }

    [ParityTheory]
    [InlineData(1, 5, 0)]
    [InlineData(2, 3, 2)]
    [InlineData(3, 2, 3)]
    [InlineData(9, 1, 4)]
    public void Deep_layers_run_in_every_so_many_steps_for_each_prompt_tile_and_image(int interval, int whole, int shallow)
    {
        const int Each = 2 * 9 * 2; // prompts, tiles, images

        var runs = RunsOf(
            new()
            {
                Samples = 2,
                Sampling = new()
                {
                    Steps = whole + shallow,
                    CfgScale = 4,
                    CacheInterval = interval,
                    CacheDepth = 4,
                },
                Tiling = new() { Tile = TileChoice.Of(64) },
                Upscale = 4,
            }
        );

        runs["denoiser"].ShouldBe(Each * whole);
        runs.GetValueOrDefault("shallow denoiser").ShouldBe(Each * shallow);
    }

    private static ConcurrentDictionary<string, int> RunsOf(RestorationOptions options)
    {
        var runs = new ConcurrentDictionary<string, int>();
        var engine = new EngineOptions
        {
            Device = Device.Cpu,
            OnRun = name => runs.AddOrUpdate(name, 1, (_, count) => count + 1),
        };
        using var photo = Photo.Of(Pictures.Gradient(32, 32));
        using var restorer = new Restorer(
            SmallPacks.Read("v2") with
            {
                MinimumSide = 64,
            },
            options with
            {
                Upscale = options.Upscale ?? 1,
                Tiling = options.Tiling.Tile is null ? new() { Tile = TileChoice.Off } : options.Tiling,
                Engine = engine,
            },
            Parity.PathOf("parity/small/weights")
        );
        foreach (var result in restorer.Restore(photo))
        {
            result.Dispose();
        }

        return runs;
    }
}
