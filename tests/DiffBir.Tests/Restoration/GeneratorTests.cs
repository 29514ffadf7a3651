using DiffBir.Autoencoding;
using DiffBir.Engine;
using DiffBir.Guidance;
using DiffBir.Imaging;
using DiffBir.Imaging.Texture;
using DiffBir.Networks;
using DiffBir.Options;
using DiffBir.Packs;
using DiffBir.Randomness;
using DiffBir.Restoration;
using DiffBir.Tests.Imaging;
using DiffBir.Tests.Support;

namespace DiffBir.Tests.Restoration;

/// <summary>Stage 2 in one evaluation, by a generator that is the network of stage 1 once more: what it must give is then known.</summary>
public sealed class GeneratorTests
{
    private const int Side = 160;
    private const double Strongest = 8; // of the pack's dial, whose middle is an eighth of it

    private static readonly ModelPack Mini = PackCatalog.Find("mini");

    private static readonly ModelPack Pack = Mini with
    {
        Generator = Mini.Tasks[RestorationTask.Sr].Stage1,
        Defaults = Mini.Defaults with
        {
            Steps = 1,
            GuidanceScale = 0,
            StrongestGuidance = Strongest,
            SharpestDetail = 1,
            CompressedDetail = 1,
            KeepsTexture = false,
        },
    };

    private static readonly RestorationOptions DefaultOptions = new()
    {
        Upscale = 1,
        Engine = new EngineOptions { Device = Device.Cpu, Threads = 1 },
    };

    [Fact]
    public void It_is_evaluated_once_on_the_clean_image_whose_colors_the_result_has()
    {
        var clean = Restore(DefaultOptions with { Stage1Only = true });
        var again = Restore(DefaultOptions with { Stage1Only = true }, clean);

        var result = Restore(DefaultOptions);

        result.ShouldBeCloseTo(ColorsOf(clean, again), tolerance: 1e-5);
        result.ShouldNotBe(clean);
    }

    [Fact]
    public void Guidance_that_counts_all_regions_alike_goes_to_the_clean_image_in_the_end()
    {
        var clean = Restore(DefaultOptions with { Stage1Only = true });

        var halfway = Restore(Guided(Strongest / 8, GuidanceLossKind.Mse));
        var there = Restore(Guided(Strongest, GuidanceLossKind.Mse));
        var beyond = Restore(Guided(10 * Strongest, GuidanceLossKind.Mse));

        there.ShouldBeCloseTo(clean, tolerance: 1e-5);
        beyond.ShouldBeCloseTo(clean, tolerance: 1e-5);
        halfway.ShouldBeCloseTo(Mean(Restore(DefaultOptions), clean), tolerance: 1e-5);
    }

    [Fact]
    public void Guidance_pulls_flat_regions_and_lets_textured_ones_be()
    {
        var photo = Pictures.Gradient(Side, Side);
        for (var index = 0; index < photo.Length; index++)
        {
            // On the left a little noise, of which stage 1 leaves hardly any and the generator less.
            photo.Data[index] = index % Side < Side / 2 ? 0.5f + (0.02f * MathF.Sin(index * 12.9898f)) : photo.Data[index];
        }

        var (clean, free) = (Restore(DefaultOptions with { Stage1Only = true }, photo), Restore(DefaultOptions, photo));

        var guided = Restore(Guided(Strongest, GuidanceLossKind.WeightedMse), photo);

        var weights = RegionWeights.Of(clean);
        var (flat, textured) = (Distances(flat: true), Distances(flat: false));
        flat.Guided.ShouldBeLessThan(0.3 * flat.Free);
        textured.Guided.ShouldBeGreaterThan(0.5 * textured.Free);

        (double Free, double Guided) Distances(bool flat)
        {
            var places = Enumerable.Range(0, clean.Length).Where(index => weights.Data[index % weights.Length] > 0.8 == flat);
            return (
                places.Sum(index => Math.Abs(free.Data[index] - clean.Data[index])),
                places.Sum(index => Math.Abs(guided.Data[index] - clean.Data[index]))
            );
        }
    }

    [Fact]
    public void Repeated_it_goes_the_share_of_what_is_left()
    {
        var once = Guided(Strongest, GuidanceLossKind.Mse);
        var twice = Guided(Strongest / 8, GuidanceLossKind.Mse);
        twice = twice with { Guidance = twice.Guidance with { Repeat = 2 } };

        var (free, clean) = (Restore(DefaultOptions), Restore(once));

        Restore(twice).ShouldBeCloseTo(Mean(Mean(free, clean), clean), tolerance: 1e-5);
    }

    [Fact]
    public void The_less_guidance_pulls_the_more_detail_counts()
    {
        var sharper = Pack with { Defaults = Pack.Defaults with { SharpestDetail = 2 } };
        RestorationOptions At(double scale) => Guided(scale, GuidanceLossKind.Mse);
        var (free, clean) = (Restore(DefaultOptions), Restore(At(Strongest)));

        var (sharpest, halfway) = (Restore(At(0), pack: sharper), Restore(At(Strongest / 8), pack: sharper));

        sharpest.ShouldBeCloseTo(Mixture(clean, free, 2), tolerance: 1e-5);
        halfway.ShouldBeCloseTo(Mixture(clean, free, 1.5f * 0.5f), tolerance: 1e-5); // half the way back
        Restore(At(Strongest), pack: sharper).Data.ShouldBe(clean.Data);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Of_a_photo_from_jpeg_less_detail_counts_from_the_middle_on(int upscale)
    {
        var careful = Pack with { Defaults = Pack.Defaults with { CompressedDetail = 0.5 } };
        var photo = Pictures.Gradient(Side, Side);
        var compressed = Pictures.Jpeg(photo, quality: 60);
        RestorationOptions At(double scale) => Guided(scale, GuidanceLossKind.Mse) with { Upscale = upscale };
        var clean = Restore(At(Strongest), compressed);
        var (sharpest, middle) = (Restore(At(0), compressed), Restore(At(Strongest / 8), compressed));

        Restore(At(Strongest / 8), compressed, careful).ShouldBeCloseTo(Mixture(clean, middle, 0.5f), tolerance: 1e-5);
        Restore(At(0), compressed, careful).Data.ShouldBe(sharpest.Data);
        // A photo that was not compressed has as much as ever.
        Restore(At(Strongest / 8), photo, careful).Data.ShouldBe(Restore(At(Strongest / 8), photo).Data);
    }

    [Fact]
    public void Texture_is_given_back_where_the_pack_says_so()
    {
        var photo = Pictures.Gradient(Side, Side);
        var noise = new float[photo.Length];
        SplitMix64.For(1, "noise").Normal(noise);
        for (var index = 0; index < photo.Length; index++)
        {
            // On the right the noise is four times as strong: what is removed there is more than noise.
            photo.Data[index] = Math.Clamp(photo.Data[index] + (noise[index] * (index % Side < Side / 2 ? 0.02f : 0.08f)), 0, 1);
        }

        var keeping = Pack with { Defaults = Pack.Defaults with { KeepsTexture = true } };
        var (taken, kept) = (Restore(DefaultOptions, photo), Restore(DefaultOptions, photo, keeping));

        using var expected = PlanarStorage.Memory.Create(3, Side, Side);
        TextureKeeping.For(PlanarImage.Of(photo)).Apply(expected, PlanarImage.Of(photo), PlanarImage.Of(taken));
        kept.ShouldBeCloseTo(expected.ToTensor(), tolerance: 1e-5);
        kept.Data.ShouldNotBe(taken.Data);
    }

    [Fact]
    public void More_steps_sample_as_without_it()
    {
        var options = DefaultOptions with { Sampling = new() { Steps = 2 } };

        Restore(options).Data.ShouldBe(Restore(options, pack: Pack with { Generator = null }).Data);
    }

    [Fact]
    public void It_works_in_tiles_without_seams()
    {
        var whole = Restore(DefaultOptions);

        var tiled = Restore(DefaultOptions with { Tiling = new() { Tile = TileChoice.Of(128) } });

        tiled.ShouldBeCloseTo(whole, tolerance: 0.05);
    }

    [Fact]
    public void It_needs_no_files_of_diffusion()
    {
        using var folder = new TemporaryFolder();
        var file = Mini.Files["stage1"];
        File.Copy(Path.Combine(Mini.Folder!, file.Name), folder.File(file.Name));
        var alone = Pack with
        {
            Folder = folder.Path,
            Files = new Dictionary<string, PackFile> { ["stage1"] = file },
            UNet = null,
            Autoencoder = null,
            LatentColors = null,
            Tasks = Pack.Tasks.ToDictionary(task => task.Key, task => new TaskNetworks { Stage1 = task.Value.Stage1 }),
        };
        PackReader.Write(alone, folder.Path);
        var steps = DefaultOptions with { Sampling = new() { Steps = 10 } }; // there is no other way in this pack

        Restore(steps, pack: PackCatalog.Find(folder.Path)).Data.ShouldBe(Restore(DefaultOptions).Data);
    }

    [Fact]
    public void It_has_one_result()
    {
        var options = DefaultOptions with { Samples = 2 };

        Should
            .Throw<OptionException>(() => options.Settle(Pack))
            .Message.ShouldBe(
                "One step has one result, because it is the model's generator without noise: --samples 2 needs more --steps (10), where the model samples."
            );
        (options with { Sampling = new() { Steps = 2 } }).Settle(Pack).Stage2.ShouldBe(Stage2.Diffusion);
    }

    [Fact]
    public void Where_nothing_samples_nobody_is_sent_to_more_steps()
    {
        var alone = Pack with { UNet = null };

        Should
            .Throw<OptionException>(() => (DefaultOptions with { Samples = 2 }).Settle(alone))
            .Message.ShouldBe(
                $"The model {Pack.Name} has one result, because it is a generator without noise. Leave --samples out."
            );
    }

    [Fact]
    public void It_must_not_enlarge()
    {
        var enlarging = new Stage1Source<RrdbNetConfig>
        {
            File = Pack.Generator!.File,
            Sizes = new() { Scale = 4 },
        };

        Should
            .Throw<PackException>(() => PackValidation.Validate(Pack with { Generator = enlarging }, "model.json"))
            .Message.ShouldBe("model.json has a generator that enlarges by 4; it must keep its image's size.");
    }

    [Fact]
    public void Users_hear_of_it_as_of_any_stage_2()
    {
        var (heard, decisions) = (new List<RestorationProgress>(), new List<string>());

        Restore(DefaultOptions, events: new RestorationEvents { OnProgress = heard.Add, OnDecision = decisions.Add });

        heard.ShouldBe([
            new(RestorationStage.RemovingDegradation, 0, 1),
            new(RestorationStage.RemovingDegradation, 1, 1),
            new(RestorationStage.Sampling, 0, 1),
            new(RestorationStage.Sampling, 1, 1),
            new(RestorationStage.Finishing, 0, 1),
            new(RestorationStage.Finishing, 1, 1),
        ]);
        decisions.ShouldBe([
            "Tiles: stage 1 whole, generator whole.",
            "One step: the generator of mini makes all detail at once. Prompts and samplers come into play with --steps 2 or more.",
        ]);
    }

    private static RestorationOptions Guided(double scale, GuidanceLossKind loss) =>
        DefaultOptions with
        {
            Guidance = new() { Scale = scale, Loss = loss },
        };

    private static Tensor Mean(Tensor x, Tensor y) => Mixture(x, y, 0.5f);

    private static Tensor Mixture(Tensor x, Tensor y, float share) =>
        new([.. x.Data.Zip(y.Data, (a, b) => a + (share * (b - a)))], x.Shape.ToArray());

    private static Tensor ColorsOf(Tensor clean, Tensor image)
    {
        using var colors = PlanarStorage.Memory.Store(clean);
        using var content = PlanarStorage.Memory.Store(image);
        using var result = PlanarStorage.Memory.Create(3, Side, Side, target => WaveletColorFix.Apply(target, colors, content));
        return result.ToTensor();
    }

    private static Tensor Restore(
        RestorationOptions options,
        Tensor? photo = null,
        ModelPack? pack = null,
        RestorationEvents? events = null
    )
    {
        // 16 bits: 8 would be rounded on the way into stage 1.
        using var lq = new Photo(PlanarImage.Of(photo ?? Pictures.Gradient(Side, Side))) { Depth = BitDepth.Sixteen };
        using var restorer = new Restorer(pack ?? Pack, options);
        using var result = restorer.Restore(lq, events).Single();
        return result.Pixels.ToTensor();
    }
}
