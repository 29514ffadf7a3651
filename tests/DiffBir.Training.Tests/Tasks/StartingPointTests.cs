using DiffBir.Checkpoints;
using DiffBir.Metrics;
using DiffBir.Networks;
using DiffBir.Networks.Autoencoder;
using DiffBir.Packs;
using DiffBir.Randomness;
using DiffBir.Training.Configuration;
using DiffBir.Training.Data;
using DiffBir.Training.Execution;
using DiffBir.Training.Tasks;
using DiffBir.Training.Tests.Support;
using static TorchSharp.torch;

namespace DiffBir.Training.Tests.Tasks;

/// <summary>Networks that start from what is known, before any step.</summary>
public sealed class StartingPointTests
{
    /// <summary>Sums of a few dozen products of about 1 in 32 bits; the second convolution undoes the first.</summary>
    private const double IdentityTolerance = 1e-5;

    /// <summary>The norms still stand between the two transforms; their constant channels hold them almost still.</summary>
    private const double TransformTolerance = 1; // dB

    [Theory]
    [InlineData("swinir")]
    [InlineData("rrdbnet")]
    [InlineData("drunet")]
    public void A_removal_of_degradation_starts_as_the_identity(string kind)
    {
        var options = kind switch
        {
            "rrdbnet" => Dense(blocks: 1),
            "drunet" => TinyRuns.Stage1 with { Network = UNet },
            _ => TinyRuns.Stage1,
        };
        using var folder = new TemporaryFolder();
        using var task = new Stage1Task(options, CPU, folder.Path);
        var sample = Photo(folder, size: 64, Degradations);

        var metrics = task.Validate(task.Weights, [sample], CancellationToken.None).Metrics;

        metrics["psnr"].ShouldBe(metrics["psnr_lq"], IdentityTolerance * metrics["psnr_lq"]);
    }

    [Fact]
    public void A_perfect_restoration_has_as_many_decibels_as_in_an_evaluation()
    {
        using var folder = new TemporaryFolder();
        using var task = new Stage1Task(TinyRuns.Stage1, CPU, folder.Path); // starts as the identity
        var clean = Photo(folder, size: 64, Degradations).Clean;

        var metrics = task.Validate(task.Weights, [new Sample("perfect", clean, clean)], CancellationToken.None).Metrics;

        metrics["psnr_lq"].ShouldBe(Psnr.Rgb(clean, clean));
        metrics["psnr"].ShouldBe(Psnr.Rgb(clean, clean), 0.01);
    }

    [Fact]
    public void A_removal_of_degradation_can_start_from_a_checkpoint_below_any_prefix()
    {
        using var folder = new TemporaryFolder();
        var options = TinyRuns.Stage1 with { Seed = 9 };
        using var first = new Stage1Task(options, CPU, folder.Path);
        SafetensorsWriter.Write(folder.File("trained.safetensors"), first.Weights.Entries("net."));

        using var second = new Stage1Task(
            options with
            {
                Seed = 10,
                StartFrom = new StartWeights { Path = "trained.safetensors", Prefix = "net." },
            },
            CPU,
            folder.Path
        );

        foreach (var (name, weight) in second.Weights.Tensors)
        {
            weight.ToHost().Data.ShouldBe(first.Weights.Tensors[name].ToHost().Data, name);
            weight.requires_grad.ShouldBeTrue(name);
        }
    }

    [Fact]
    public void A_deeper_network_starts_with_what_the_shallower_one_computes()
    {
        using var folder = new TemporaryFolder();
        var shallow = Dense(blocks: 1);
        using var first = new Stage1Task(shallow, CPU, folder.Path);
        var trunk = new Tensor(64, 64, 3, 3);
        SplitMix64.For(3, "trunk").Normal(trunk.Span); // else it counts for nothing yet
        first.Weights.Assign("trunk_conv.weight", trunk);
        SafetensorsWriter.Write(folder.File("shallow.safetensors"), first.Weights.Entries());
        var deep = Dense(blocks: 3) with { StartFrom = new StartWeights { Path = "shallow.safetensors" } };
        var sample = Photo(folder, size: 64, Degradations);

        using var second = new Stage1Task(deep, CPU, folder.Path);

        var before = first.Validate(first.Weights, [sample], CancellationToken.None).Metrics;
        var after = second.Validate(second.Weights, [sample], CancellationToken.None).Metrics;
        Math.Abs(before["psnr"] - before["psnr_lq"]).ShouldBeGreaterThan(1);
        after["psnr"].ShouldBe(before["psnr"], IdentityTolerance * before["psnr_lq"]);
        second.Weights.Tensors["RRDB_trunk.2.RDB1.conv1.weight"].ToHost().Data.ShouldContain(value => value != 0); // it can learn
    }

    [Fact]
    public void A_checkpoint_of_another_network_is_refused()
    {
        using var folder = new TemporaryFolder();
        using var vae = new VaeTask(TinyRuns.Vae, CPU);
        SafetensorsWriter.Write(folder.File("vae.safetensors"), vae.Weights.Entries());
        var options = TinyRuns.Stage1 with { StartFrom = new StartWeights { Path = "vae.safetensors" } };

        Should.Throw<CheckpointException>(() => new Stage1Task(options, CPU, folder.Path)).Message.ShouldContain("conv_first");
    }

    [Theory]
    [InlineData(8, 24)]
    [InlineData(4, 16)]
    public void An_autoencoder_of_one_level_starts_as_a_cosine_transform(int patch, int kept)
    {
        var options = TinyRuns.Vae with
        {
            Sizes = new AutoencoderConfig
            {
                Patch = patch,
                Channels = 64,
                ChannelMultipliers = [1],
                ResBlocks = 1,
                LatentChannels = kept,
                MiddleAttention = patch == 8,
                NormGroups = 8,
            },
        };
        using var task = new VaeTask(options, CPU);
        using var folder = new TemporaryFolder();
        var sample = Photo(folder, size: 64, []);

        task.Validate(task.Weights, [sample], CancellationToken.None)
            .Metrics["psnr"]
            .ShouldBe(PsnrOfWaves(sample.Clean, patch, kept), TransformTolerance);
    }

    [Fact]
    public void Waves_are_an_orthonormal_basis_from_strong_to_weak()
    {
        var waves = DctBasisFunction.StrongestFirst(4).ToArray();

        waves.Length.ShouldBe(48);
        waves[0].ShouldBe(new DctBasisFunction(4, Color: 0, U: 0, V: 0));
        foreach (var first in waves)
        {
            foreach (var second in waves)
            {
                Enumerable.Range(0, 48).Sum(pixel => first.At(pixel) * second.At(pixel)).ShouldBe(first == second ? 1 : 0, 1e-12);
            }
        }
    }

    [Fact]
    public void The_loss_of_the_noise_ratio_counts_every_image_alike()
    {
        using var scope = NewDisposeScope();
        var original = zeros(2, 3, 4, 4);
        var image = cat([full([1, 3, 4, 4], 0.1f), full([1, 3, 4, 4], 0.001f)]);

        var loss = PixelLoss.Psnr.Of(image, original).item<float>();

        // ln(0.01 + 1e-6) and ln(1e-6 + 1e-6), averaged.
        loss.ShouldBe((float)((Math.Log(0.010001) + Math.Log(2e-6)) / 2), 1e-4f);
    }

    [Fact]
    public void Only_images_that_became_worse_do_harm()
    {
        using var scope = NewDisposeScope();
        var original = zeros(2, 3, 4, 4);
        var degraded = cat([full([1, 3, 4, 4], 0.1f), full([1, 3, 4, 4], 0.1f)]);
        var restored = cat([full([1, 3, 4, 4], 0.01f), full([1, 3, 4, 4], 0.2f)]);

        // The second image's squared error is four times as large; the first became better.
        PixelLosses.OfHarm(restored, degraded, original).item<float>().ShouldBe((float)(Math.Log(4) / 2), 1e-3f);
        PixelLosses.OfHarm(degraded, degraded, original).item<float>().ShouldBe(0);
    }

    /// <summary>What is lost by an image whose patches are made of their strongest waves alone.</summary>
    private static double PsnrOfWaves(Tensor image, int patch, int kept)
    {
        var waves = DctBasisFunction.StrongestFirst(patch).Skip(kept).ToArray();
        var (height, width, error) = (image.Size(2), image.Size(3), 0.0);
        for (var corner = 0; corner < height / patch * (width / patch); corner++)
        {
            var (top, left) = Math.DivRem(corner, width / patch);
            error += waves.Sum(wave =>
            {
                var lost = 0.0;
                for (var pixel = 0; pixel < 3 * patch * patch; pixel++)
                {
                    var (channel, place) = Math.DivRem(pixel, patch * patch);
                    var (y, x) = ((top * patch) + (place / patch), (left * patch) + (place % patch));
                    lost += wave.At(pixel) * image.Data[(((channel * height) + y) * width) + x];
                }

                return lost * lost;
            });
        }

        return -10 * Math.Log10(error / image.Length);
    }

    private static Stage1Options Dense(int blocks) =>
        TinyRuns.Stage1 with
        {
            Network = new Stage1Source<RrdbNetConfig>
            {
                File = NetworkNames.Stage1,
                Sizes = new()
                {
                    Channels = 64,
                    Blocks = blocks,
                    Growth = 8,
                    Scale = 1,
                    Unshuffle = 4,
                },
            },
        };

    private static Stage1Source UNet { get; } =
        new Stage1Source<DruNetConfig>
        {
            File = NetworkNames.Stage1,
            Sizes = new()
            {
                Channels = [16, 24],
                Blocks = [1, 1, 1],
                Biases = true,
                Unshuffle = 2,
            },
        };

    private static DegradationChoice[] Degradations { get; } =
    [new DegradationChoice { Family = "realesrgan", SharpenClean = false }];

    private static Sample Photo(TemporaryFolder folder, int size, IReadOnlyList<DegradationChoice> degradations)
    {
        var (_, held) = PhotoSet.Open(PhotoFolder.Create(folder, size));
        var data = new DataOptions { Crop = size };
        return new SampleSource(held, data, degradations, seed: 1, _ => { }).Middle(0, size)!;
    }
}
