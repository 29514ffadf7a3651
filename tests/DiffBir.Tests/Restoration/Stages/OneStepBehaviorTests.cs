using DiffBir.Engine;
using DiffBir.Imaging;
using DiffBir.Options;
using DiffBir.Packs;
using DiffBir.Planning;
using DiffBir.Restoration;
using DiffBir.Tests.Cli;
using DiffBir.Tests.Imaging;
using DiffBir.Tests.Support;
using DiffBir.Tiling;

namespace DiffBir.Tests.Restoration.Stages;

/// <summary>What users may expect of models of one step, on random weights that the test run makes itself.</summary>
public sealed class OneStepBehaviorTests
{
    [Theory]
    [InlineData("hypir")]
    [InlineData("pisa-sr")]
    [InlineData("osediff")]
    public async Task A_deep_transparent_photo_keeps_its_bits_its_transparency_and_the_size_asked_for(string name)
    {
        using var bench = new RestoreBench(name);
        using var photo = new Photo(PlanarImage.Of(Pictures.Gradient(21, 34)), PlanarImage.Of(new Tensor(1, 1, 21, 34)))
        {
            Depth = BitDepth.Sixteen,
        };
        var input = bench.Picture("a.png", photo);

        var run = await bench.Run(input, "-o", bench.Out, "--upscale", "1.5");

        run.ExitCode.ShouldBe(0, run.Error);
        using var result = ImageFile.Read(bench.Result("a.png"));
        (result.Width, result.Height, result.Depth).ShouldBe((51, 31, BitDepth.Sixteen));
        result.Alpha.ShouldNotBeNull();
    }

    [Theory]
    [InlineData("hypir", "--guidance-scale 1", "", true)] // no dial
    [InlineData("pisa-sr", "--guidance-scale 1", "--semantic-scale 0", true)]
    [InlineData("pisa-sr", "--guidance-scale 1", "", false)]
    [InlineData("pisa-sr", "--prompt house", "", true)] // it knows none
    [InlineData("hypir", "--prompt house", "", false)]
    [InlineData("hypir", "--task denoise", "", true)]
    [InlineData("hypir", "--task denoise --stage1", "--stage1", false)]
    [InlineData("hypir", "--samples 1", "--sampler ddim --steps 7 --cfg-scale 4 --negative-prompt x --strength 2", true)]
    public async Task Only_options_that_the_model_has_change_the_result(string name, string one, string other, bool isSame)
    {
        using var bench = new RestoreBench(name);
        var input = bench.Picture("a.png");

        var first = await Digest(bench, input, one);
        var second = await Digest(bench, input, other);

        (first == second).ShouldBe(isSame);
    }

    [Fact]
    public async Task Samples_are_drawn_one_after_the_other_and_the_mean_has_only_one()
    {
        using var bench = new RestoreBench("hypir");
        var input = bench.Picture("a.png");

        var run = await bench.Run(input, "-o", bench.Out, "--samples", "2");
        var mean = await bench.Run(input, "-o", bench.Out, "--samples", "2", "--posterior", "mean", "--overwrite");

        run.ExitCode.ShouldBe(0, run.Error);
        bench.Results().Select(bench.Digest).Distinct().Count().ShouldBe(2);
        mean.ExitCode.ShouldBe(2);
        mean.Error.ShouldContain("--posterior mean and --samples contradict each other");
    }

    [Theory]
    [InlineData("hypir", "--pixel-scale 1", "has no dial between pixels and detail")]
    [InlineData("pisa-sr", "--guidance-scale 1.5", "a dial from 0 (most detail) to 1 (most faithful)")]
    public async Task A_dial_that_is_not_there_or_not_that_long_is_refused(string name, string arguments, string message)
    {
        using var bench = new RestoreBench(name);

        var run = await bench.Run([bench.Picture("a.png"), "-o", bench.Out, .. arguments.Split(' ')]);

        run.ExitCode.ShouldBe(2);
        run.Error.ShouldContain(message);
    }

    [Theory]
    [InlineData(2048, 1024, 768, 512)] // a latent of 128 × 256 in tiles of 96, 64 apart
    [InlineData(768, 768, null, null)] // as many pixels as a tile has
    [InlineData(576, 1088, 576, 320)] // squares of the shorter side, where the official PiSA-SR fails
    [InlineData(192, 4096, 192, 96)] // shorter than the overlap, where OSEDiff does not end
    public void Fitted_photos_are_cut_where_a_latent_has_more_pixels_than_a_tile(int height, int width, int? side, int? stride)
    {
        var plan = Plan("pisa-sr", height, width, long.MaxValue);

        plan[TiledPart.Denoiser].ShouldBe(side is { } length ? new TileSize(length, stride!.Value) : null);
        plan[TiledPart.Decoder].ShouldBeNull();
    }

    [Fact]
    public void Tiles_are_the_originals_where_they_fit_into_memory_and_smaller_where_not()
    {
        var plan = Plan("hypir", 1024, 1536, long.MaxValue);
        foreach (var part in (TiledPart[])[TiledPart.Encoder, TiledPart.Denoiser, TiledPart.Decoder])
        {
            plan[part].ShouldBe(new TileSize(512, 256));
        }

        Plan("hypir", 1024, 1536, bytes: 400_000_000)[TiledPart.Decoder].ShouldNotBeNull().Side.ShouldBeLessThan(512);
    }

    [Theory]
    [InlineData("hypir")] // in tiles, even where one is enough
    [InlineData("pisa-sr")]
    public void Networks_that_are_loaded_ahead_are_those_that_run(string name)
    {
        var pack = SmallPacks.Shallow(name);
        pack = pack with { Files = pack.Files.ToDictionary(file => file.Key, file => file.Value with { Path = null }) };
        using var sessions = new SharedSessions();
        var settings = new RestorationOptions
        {
            Upscale = 1,
            Engine = new() { Device = Device.Cpu, Sessions = sessions },
        }.Settle(pack);
        using var lq = Photo.Of(Pictures.Gradient(64, 72));
        using var networks = new RestorationNetworks(
            pack,
            settings,
            new PackFiles(pack, GeneratedWeights.Folder(name, isShallow: true))
        );
        var pipeline = Pipeline.Of(pack, settings);
        using var run = new RestorationRun(networks, lq, new RestorationEvents(), CancellationToken.None);
        run.Plan = pipeline.Plan(networks.Planner, run.Sizes);
        var loadedAhead = new List<RestorationStage?>();
        var loadedLater = 0;

        foreach (var stage in pipeline.Stages)
        {
            var before = sessions.Count;
            stage.LoadAhead(run);
            loadedAhead.AddRange(Enumerable.Repeat(stage.Kind, sessions.Count - before));
            before = sessions.Count;
            stage.Run(run);
            loadedLater += sessions.Count - before;
        }

        loadedAhead.ShouldBe([RestorationStage.Encoding, RestorationStage.Sampling, RestorationStage.Decoding]);
        loadedLater.ShouldBe(1); // the prompt's encoder
    }

    [Fact]
    public void Cancelled_anywhere_it_leaves_no_scratch_file()
    {
        var pack = SmallPacks.Shallow("pisa-sr") with { MinimumSide = 64 };
        pack = pack with { Files = pack.Files.ToDictionary(file => file.Key, file => file.Value with { Path = null }) };
        var settings = new RestorationOptions
        {
            Upscale = 1,
            Samples = 2,
            Guidance = new() { Scale = 0.5 },
            Engine = new() { Device = Device.Cpu, Threads = 1 },
        }.Settle(pack);
        settings = settings with { Tiling = settings.Tiling with { MemoryLimit = MemoryLimit.Of(1) } };
        using var lq = Photo.Of(Pictures.Gradient(40, 56));
        using var networks = new RestorationNetworks(
            pack,
            settings,
            new PackFiles(pack, GeneratedWeights.Folder("pisa-sr", isShallow: true))
        );
        var events = new List<RestorationStage>();
        Restore(at: int.MaxValue);
        var turns = Turns.Of(events);

        turns.Count.ShouldBeGreaterThan(6);
        foreach (var at in turns)
        {
            Should.Throw<OperationCanceledException>(() => Restore(at), $"event {at}");
            (networks.Images.ScratchImages + networks.LatentPlanes.ScratchImages).ShouldBe(0, $"event {at}");
        }

        void Restore(int at)
        {
            events.Clear();
            using var cancellation = new CancellationTokenSource();
            var heard = new RestorationEvents
            {
                OnProgress = progress =>
                {
                    events.Add(progress.Stage);
                    if (events.Count == at + 1)
                    {
                        cancellation.Cancel();
                    }
                },
            };
            using var run = new RestorationRun(networks, lq, heard, cancellation.Token);
            Pipeline.Of(pack, settings).Run(run);
            cancellation.Token.ThrowIfCancellationRequested();
        }
    }

    private static TilePlan Plan(string name, int height, int width, long bytes)
    {
        var pack = SmallPacks.Read(name);
        var settings = new RestorationOptions { Upscale = 1 }.Settle(pack);
        settings = name == "hypir" ? settings : settings with { OneStep = settings.OneStep with { Fit = new(64, false, false) } };
        var sizes = RestorationSizes.Of(pack, settings, new(height, width));
        return Pipeline.Of(pack, settings).Plan(new TilePlanner(settings.Tiling, new MemoryBudget(bytes)), sizes);
    }

    private static async Task<string> Digest(RestoreBench bench, string input, string arguments)
    {
        string[] words = [input, "-o", bench.Out, "--overwrite", .. arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries)];
        var run = await bench.Run(words);
        run.ExitCode.ShouldBe(0, run.Error);
        return bench.Digest("a.png");
    }
}
