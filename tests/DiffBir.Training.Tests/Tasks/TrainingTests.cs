using System.Text.Json;
using DiffBir.Checkpoints;
using DiffBir.Imaging;
using DiffBir.Options;
using DiffBir.Packs;
using DiffBir.Training.Configuration;
using DiffBir.Training.Data;
using DiffBir.Training.Optimization;
using DiffBir.Training.Runs;
using DiffBir.Training.Tasks;
using DiffBir.Training.Tests.Support;
using static TorchSharp.torch;

namespace DiffBir.Training.Tests.Tasks;

public sealed class TrainingTests
{
    [Fact]
    public void An_interrupted_run_ends_with_the_bits_of_an_uninterrupted_one()
    {
        using var folder = new TemporaryFolder();
        var photos = PhotoFolder.Create(folder, 48);
        var options = TinyRuns.Stage1;

        TrainStage1(folder, photos, "whole", options);
        TrainStage1(folder, photos, "parts", options with { Steps = 2 });
        TrainStage1(folder, photos, "parts", options with { Steps = 3 });
        TrainStage1(folder, photos, "parts", options);

        Bytes(folder, "parts").ShouldBe(Bytes(folder, "whole"));
    }

    [Fact]
    public void A_run_interrupted_while_it_reuses_a_batch_ends_with_the_same_bits_too()
    {
        using var folder = new TemporaryFolder();
        var photos = PhotoFolder.Create(folder, 48);
        var reused = TinyRuns.Prior.Data with { Reuse = 3 };
        var options = TinyRuns.Prior with { Steps = 5, Data = reused };
        TrainVae(folder, photos, "vae", TinyRuns.Vae with { Steps = 1 });

        TrainPrior(folder, photos, "whole", options);
        TrainPrior(folder, photos, "parts", options with { Steps = 2 });
        TrainPrior(folder, photos, "parts", options);

        Bytes(folder, "parts").ShouldBe(Bytes(folder, "whole"));
    }

    [Fact]
    public void Every_task_ends_with_the_same_bits_when_it_is_interrupted()
    {
        using var folder = new TemporaryFolder();
        var photos = PhotoFolder.Create(folder, 48);
        TrainStage1(folder, photos, "stage1", TinyRuns.Stage1 with { Steps = 1 });
        TrainVae(folder, photos, "vae", TinyRuns.Vae);
        TrainVae(folder, photos, "vae-parts", TinyRuns.Vae with { Steps = 3 });
        TrainVae(folder, photos, "vae-parts", TinyRuns.Vae);
        TrainPrior(folder, photos, "prior", TinyRuns.Prior);
        TrainStage2(folder, photos, "stage2", TinyRuns.Stage2);
        TrainStage2(folder, photos, "stage2-parts", TinyRuns.Stage2 with { Steps = 1 });
        TrainStage2(folder, photos, "stage2-parts", TinyRuns.Stage2);

        Bytes(folder, "vae-parts").ShouldBe(Bytes(folder, "vae"));
        Bytes(folder, "stage2-parts").ShouldBe(Bytes(folder, "stage2"));
    }

    [Fact]
    public void A_run_that_is_cancelled_saves_the_steps_it_did()
    {
        using var folder = new TemporaryFolder();
        var photos = PhotoFolder.Create(folder, 48);
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();

        TrainStage1(folder, photos, "run", TinyRuns.Stage1 with { Steps = 1 });
        TrainStage1(folder, photos, "run", TinyRuns.Stage1, cancelled.Token);

        Checkpoint.Open(folder.File("run/state.safetensors")).Metadata["step"].ShouldBe("1");
    }

    [Fact]
    public void One_bad_photo_can_be_learned_by_heart()
    {
        using var folder = new TemporaryFolder();
        var photos = PhotoFolder.Create(folder, 32, training: 1);
        var options = TinyRuns.Stage1 with
        {
            Steps = 150,
            LogEvery = 10,
            ValidateEvery = 150,
            SaveEvery = 150,
            Degradations = [new DegradationChoice { Family = "codeformer" }],
            Data = new DataOptions
            {
                Batch = 1,
                Crop = 32,
                Flip = false,
                Reuse = 150, // the same bad photo at every step
            },
            Optimizer = new OptimizerOptions { LearningRate = 3e-3, ClipNorm = 1 },
        };

        TrainStage1(folder, photos, "run", options);

        var losses = Metrics(folder, "run", "train", "loss");
        losses[^1].ShouldBeLessThan(0.05 * losses[0]);
    }

    [Fact]
    public void The_whole_system_is_trained_from_nothing_and_the_last_run_restores_photos()
    {
        using var folder = new TemporaryFolder();
        var photos = PhotoFolder.Create(folder, 48);

        TrainStage1(folder, photos, "stage1", TinyRuns.Stage1);
        TrainVae(folder, photos, "vae", TinyRuns.Vae);
        TrainPrior(folder, photos, "prior", TinyRuns.Prior);
        TrainStage2(folder, photos, "stage2", TinyRuns.Stage2);

        Names(folder, "vae/autoencoder").ShouldContain("first_stage_model.encoder.conv_in.weight");
        Names(folder, "prior/unet").ShouldContain("model.diffusion_model.out.2.weight");
        Names(folder, "stage2/control").ShouldContain("zero_convs.0.0.weight");
        (string Run, string Metric, int Times, string LastPicture)[] validations =
        [
            ("stage1", "psnr", 2, "step-0000006.png"),
            ("vae", "psnr", 2, "step-0000004.png"),
            ("prior", "loss", 1, "step-0000004.png"),
            ("stage2", "psnr", 1, "step-0000004.png"),
        ];
        foreach (var (run, metric, times, picture) in validations)
        {
            Metrics(folder, run, "validation", metric).Count.ShouldBe(times, run);
            File.Exists(folder.File($"{run}/samples/{picture}")).ShouldBeTrue(run);
            Events(folder, run).ShouldContain($"validation/{metric}");
            Events(folder, run).ShouldContain("train/loss");
        }

        Gather(folder, "pack", "--steps", "2", "--upscale", "2");
        var pack = PackReader.Read(folder.File("pack"));
        (pack.Name, pack.License, pack.Defaults.Steps).ShouldBe(("tiny", "CC0-1.0", 2));
        pack.Files.Values.ShouldAllBe(file => file.Path == null && file.Sha256 != null);
        ShouldRestore(folder.File("stage2"), Path.Combine(photos, "val", "0.png"));
        ShouldRestore(folder.File("pack"), Path.Combine(photos, "val", "0.png"));

        TrainStage1(folder, photos, "longer", TinyRuns.Stage1 with { Steps = 8 });
        Gather(folder, "other", "--stage1", folder.File("longer"));
        Halves(folder, "other/stage1").ShouldBe(Halves(folder, "longer/stage1"));
        Halves(folder, "other/stage1").ShouldNotBe(Halves(folder, "pack/stage1"));
        ShouldRestore(folder.File("other"), Path.Combine(photos, "val", "0.png"));

        Gather(folder, "alone", "--stage1-alone");
        var alone = PackReader.Read(folder.File("alone"));
        alone.UNet.ShouldBeNull();
        alone.Files.Keys.ShouldBe(["stage1"]);
        ShouldRestore(folder.File("alone"), Path.Combine(photos, "val", "0.png"));
    }

    private static void Gather(TemporaryFolder folder, string name, params string[] options) =>
        TrainCommand
            .Create(_ => true)
            .Parse([
                "pack",
                "--run",
                folder.File("stage2"),
                "--out",
                folder.File(name),
                "--name",
                "tiny",
                "--title",
                "A tiny pack",
                "--license",
                "CC0-1.0",
                .. options,
            ])
            .Invoke()
            .ShouldBe(0);

    [Fact]
    public void A_loss_that_is_no_number_stops_the_run_with_step_rate_and_photos()
    {
        using var folder = new TemporaryFolder();
        var photos = PhotoFolder.Create(folder, 48);
        var options = TinyRuns.Stage1 with
        {
            Steps = 50,
            Optimizer = new OptimizerOptions { LearningRate = 1e30 },
        };

        var message = Should.Throw<DiffBirException>(() => TrainStage1(folder, photos, "run", options)).Message;

        message.ShouldContain("learning rate 1E+30");
        message.ShouldContain(".png");
    }

    [Fact]
    public void A_photo_that_cannot_be_decoded_is_named_once_and_skipped()
    {
        using var folder = new TemporaryFolder();
        var photos = PhotoFolder.Create(folder, 48, training: 2);
        File.WriteAllText(Path.Combine(photos, "train", "broken.jpg"), "not a photo");

        var said = TrainStage1(folder, photos, "run", TinyRuns.Stage1);

        said.Split('\n').Count(line => line.Contains("broken.jpg")).ShouldBe(1);
        said.ShouldContain("skipped");
    }

    [Fact]
    public void A_sample_depends_on_its_number_alone()
    {
        using var folder = new TemporaryFolder();
        var (photos, _) = PhotoSet.Open(PhotoFolder.Create(folder, 48));
        var options = TinyRuns.Stage1;
        SampleSource Source() => new(photos, options.Data, options.Degradations, options.Seed, _ => { });

        var forwards = Source();
        var first = Enumerable.Range(0, 7).Select(number => forwards.At(number)).ToArray();
        var later = Source().At(5);

        later.Photo.ShouldBe(first[5].Photo);
        later.Lq!.Data.ShouldBe(first[5].Lq!.Data);
        first.Select(sample => sample.Photo).Take(3).Distinct().Count().ShouldBe(3);
    }

    [Fact]
    public void IRControlNet_changes_nothing_at_its_first_step()
    {
        using var folder = new TemporaryFolder();
        var photos = PhotoFolder.Create(folder, 48);
        TrainStage1(folder, photos, "stage1", TinyRuns.Stage1 with { Steps = 1 });
        TrainVae(folder, photos, "vae", TinyRuns.Vae with { Steps = 1 });
        TrainPrior(folder, photos, "prior", TinyRuns.Prior);

        using var task = new Stage2Task(TinyRuns.Stage2, CPU, folder.File("stage2"));
        var prior = Checkpoint.Open(folder.File("prior/unet.safetensors"));

        var first = task.Weights.Tensors["control_model.input_blocks.0.0.weight"];
        var source = prior.Read("model.diffusion_model.input_blocks.0.0.weight");
        using var copied = first.narrow(1, 0, 4).contiguous();
        using var added = first.narrow(1, 4, 4).abs().sum();
        copied.data<float>().ToArray().ShouldBe(source.Data);
        added.item<float>().ShouldBe(0);
        task.Weights.Tensors["control_model.zero_convs.1.0.weight"].abs().sum().item<float>().ShouldBe(0);
    }

    private static void ShouldRestore(string pack, string photo)
    {
        using var lq = ImageFile.Read(photo);
        using var restorer = new Restorer(
            PackReader.Read(pack),
            new RestorationOptions
            {
                Upscale = 2,
                Sampling = new SamplingOptions { Steps = 2 },
            }
        );
        using var restored = restorer.Restore(lq).Single();
        restored.Width.ShouldBe(2 * lq.Width);
        restored.Pixels.ToTensor().Data.ShouldAllBe(value => float.IsFinite(value));
    }

    /// <summary>A network's weights in half precision.</summary>
    private static IEnumerable<Half> Halves(TemporaryFolder folder, string file)
    {
        var checkpoint = Checkpoint.Open(folder.File($"{file}.safetensors"));
        return checkpoint.Tensors.Keys.Order().SelectMany(name => checkpoint.Read(name).Data.Select(value => (Half)value));
    }

    private static IEnumerable<string> Names(TemporaryFolder folder, string file) =>
        Checkpoint.Open(folder.File($"{file}.safetensors")).Tensors.Keys;

    private static string TrainStage1(
        TemporaryFolder folder,
        string photos,
        string name,
        Stage1Options options,
        CancellationToken cancellation = default
    ) =>
        (
            TinyRuns.Of(folder, photos, name, options, (o, path) => new Stage1Task(o, CPU, path)) with
            {
                Degradations = options.Degradations,
            }
        ).Train(cancellation);

    private static void TrainVae(TemporaryFolder folder, string photos, string name, VaeOptions options) =>
        TinyRuns.Of(folder, photos, name, options, (o, _) => new VaeTask(o, CPU)).Train();

    private static void TrainPrior(TemporaryFolder folder, string photos, string name, PriorOptions options) =>
        TinyRuns.Of(folder, photos, name, options, (o, p) => new PriorTask(o, CPU, p)).Train();

    private static void TrainStage2(TemporaryFolder folder, string photos, string name, Stage2Options options) =>
        (
            TinyRuns.Of(folder, photos, name, options, (o, p) => new Stage2Task(o, CPU, p)) with
            {
                Degradations = options.Degradations,
            }
        ).Train();

    /// <summary>What TensorBoard finds in a run's folder, as far as it is text.</summary>
    private static string Events(TemporaryFolder folder, string name) =>
        string.Concat(
            Directory
                .EnumerateFiles(folder.File(name), "events.out.tfevents.*")
                .Select(file => System.Text.Encoding.Latin1.GetString(File.ReadAllBytes(file)))
        );

    private static byte[] Bytes(TemporaryFolder folder, string name) =>
        File.ReadAllBytes(folder.File($"{name}/state.safetensors"));

    private static List<double> Metrics(TemporaryFolder folder, string name, string group, string metric) =>
        [
            .. File.ReadLines(folder.File($"{name}/metrics.jsonl"))
                .Select(line => JsonDocument.Parse(line).RootElement)
                .Where(line => line.GetProperty("group").GetString() == group)
                .Select(line => line.GetProperty(metric).GetDouble()),
        ];
}
