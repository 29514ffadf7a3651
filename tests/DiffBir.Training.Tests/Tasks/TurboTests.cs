using System.Text.Json.Nodes;
using DiffBir.Checkpoints;
using DiffBir.Degradation;
using DiffBir.Graphs;
using DiffBir.Imaging;
using DiffBir.Networks;
using DiffBir.Options;
using DiffBir.Packs;
using DiffBir.Training.Configuration;
using DiffBir.Training.Data;
using DiffBir.Training.Execution;
using DiffBir.Training.Runs;
using DiffBir.Training.Tasks;
using DiffBir.Training.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace DiffBir.Training.Tests.Tasks;

public sealed class TurboTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void An_interrupted_run_ends_with_the_bits_of_an_uninterrupted_one()
    {
        var photos = Prepare();

        Train(photos, "whole", TinyRuns.Turbo);
        Train(photos, "parts", TinyRuns.Turbo with { Steps = 1 });
        Train(photos, "parts", TinyRuns.Turbo);

        File.ReadAllBytes(_folder.File("parts/state.safetensors"))
            .ShouldBe(File.ReadAllBytes(_folder.File("whole/state.safetensors")));
        Checkpoint.Open(_folder.File("whole/generator.safetensors")).Tensors.Keys.ShouldContain("conv_last.weight");
    }

    [Fact]
    public void A_run_is_a_pack_that_restores()
    {
        Train(Prepare(), "run", TinyRuns.Turbo);
        var pack = PackReader.Read(_folder.File("run"));
        using var lq = Photo.Of(new DiffBir.Primitives.Tensor(1, 3, 24, 40));

        using var restorer = new Restorer(pack, new RestorationOptions());
        using var result = restorer.Restore(lq).Single();

        (pack.Generator!.File, pack.UNet, pack.Defaults.Steps).ShouldBe(("generator", null, 1));
        (result.Height, result.Width).ShouldBe((48, 80));
    }

    [Fact]
    public void A_run_that_names_a_pack_has_its_diffusion_too()
    {
        var mini = Path.Combine(AppContext.BaseDirectory, "models", "mini");
        Train(Prepare(), "run", TinyRuns.Turbo with { Diffusion = mini });

        var pack = PackReader.Read(_folder.File("run"));

        new PackFiles(pack).Validate(pack.Files.Keys);
        pack.Files.Keys.ShouldBe(["stage1", "generator", "autoencoder", "unet", "control"], ignoreOrder: true);
        pack.Tasks.Values.ShouldAllBe(task => task.Control == "control" && task.Stage1.File == "stage1");
        File.ReadAllBytes(new PackFiles(pack).PathOf("unet")).ShouldBe(File.ReadAllBytes(Path.Combine(mini, "unet.safetensors")));
    }

    [Fact]
    public void An_interrupted_run_against_an_adversary_ends_with_the_bits_of_an_uninterrupted_one()
    {
        var photos = Prepare();
        var options = TinyRuns.Turbo with { Adversary = new AdversaryOptions { Channels = 16 } };

        Train(photos, "whole", options);
        Train(photos, "parts", options with { Steps = 1 });
        Train(photos, "parts", options);

        File.ReadAllBytes(_folder.File("parts/state.safetensors"))
            .ShouldBe(File.ReadAllBytes(_folder.File("whole/state.safetensors")));
        Checkpoint
            .Open(_folder.File("whole/state.safetensors"))
            .Tensors.Keys.ShouldContain("adversary/second_moments/last.weight");
    }

    [Fact]
    public void The_adversary_learns_to_tell_the_generators_images_from_photos()
    {
        var photos = Prepare();
        var options = TinyRuns.Turbo with
        {
            Steps = 40,
            SaveEvery = 40,
            Adversary = new AdversaryOptions
            {
                Channels = 16,
                Weight = 0,
                FeatureWeight = 0,
            },
            Optimizer = new OptimizerOptions { LearningRate = 2e-3 },
        };

        Train(photos, "run", options);

        var told = File.ReadAllLines(_folder.File("run/metrics.jsonl"))
            .Select(line => JsonNode.Parse(line)!)
            .Select(line => line["discriminator"]?.GetValue<double>())
            .OfType<double>()
            .ToArray();
        told[^1].ShouldBeLessThan(told[0] - 0.1);
    }

    [Fact]
    public void An_image_that_is_farther_from_the_clean_photo_than_the_degraded_one_counts_more_where_that_is_asked_for()
    {
        var photos = Prepare();
        // Photos that nothing is wrong with cannot come out better.
        var options = TinyRuns.Turbo with
        {
            HarmWeight = 0.5,
            Degradations = [new() { Ranges = new IndependentDegradation() }],
        };

        Train(photos, "run", options);

        var first = JsonNode.Parse(File.ReadLines(_folder.File("run/metrics.jsonl")).First())!;
        var harm = first["harm"]!.GetValue<double>();
        harm.ShouldBeGreaterThan(0);
        var parts = Part("pixels") + (options.EdgeWeight * Part("edges")) + (options.HarmWeight * harm);
        Part("loss").ShouldBe(parts, 1e-4 * parts);

        double Part(string name) => first[name]!.GetValue<double>();
    }

    [Fact]
    public void A_new_generator_leaves_the_image_of_stage_1_nearly_as_it_is()
    {
        var photos = Prepare();
        using var task = new TurboTask(TinyRuns.Turbo, CPU, _folder.File("run"));
        var sample = Samples(photos).At(0);

        var result = task.Validate(task.Weights, [sample], CancellationToken.None);

        var (clean, generated) = (result.Pictures[0][1], result.Pictures[0][2]);
        DiffBir.Metrics.Psnr.Rgb(generated, clean).ShouldBeGreaterThan(30);
    }

    [Fact]
    public void Where_the_teacher_sees_photos_that_lost_pixels_its_image_is_learned_from_in_the_colors_of_the_clean_photo()
    {
        var photos = Prepare();
        var options = TinyRuns.Turbo.Teacher! with { MaxLoss = 1000 };
        using var teacher = new Teacher(options, CPU, _folder.File("run"), ScalarType.Float32);
        var sample = Samples(photos, TinyRuns.Turbo.Degradations[0]).At(0);

        using var targets = teacher.Targets(Batch.Of([sample]), CancellationToken.None);

        var image = targets.ToHost();
        image.Data.SequenceEqual(sample.Clean.Data).ShouldBeFalse();
        // The mean over squares is the clean photo's, but for interpolation between them and for what is cut to [0, 1].
        var (means, expected) = (Shrunk(image), Shrunk(sample.Clean));
        means.Zip(expected, (a, b) => Math.Abs(a - b)).Max().ShouldBeLessThan(0.06f);
    }

    [Fact]
    public void An_image_of_the_teacher_that_is_far_from_the_clean_photo_is_not_learned_from()
    {
        var photos = Prepare();
        var options = TinyRuns.Turbo.Teacher! with { MaxLoss = -1000 };
        using var teacher = new Teacher(options, CPU, _folder.File("run"), ScalarType.Float32);
        var sample = Samples(photos, TinyRuns.Turbo.Degradations[0]).At(0);

        using var targets = teacher.Targets(Batch.Of([sample]), CancellationToken.None);

        targets.ToHost().Data.ShouldBe(sample.Clean.Data);
    }

    [Fact]
    public void A_whole_pack_teaches_as_its_user_would_see_it()
    {
        var photos = Prepare();
        var pack = Path.Combine(AppContext.BaseDirectory, "models", "mini");
        var options = new TeacherOptions
        {
            Pack = new() { Name = pack, Steps = 2 },
            MaxLoss = 1000,
        };
        var sample = Samples(photos, TinyRuns.Turbo.Degradations[0]).At(0);
        using var teacher = new Teacher(options, CPU, _folder.File("run"), ScalarType.Float32);
        using var other = new Teacher(
            options with
            {
                Pack = options.Pack with { Steps = 1 },
            },
            CPU,
            _folder.File("run"),
            ScalarType.Float32
        );

        using var targets = teacher.Targets(Batch.Of([sample]), CancellationToken.None);
        using var again = teacher.Targets(Batch.Of([sample]), CancellationToken.None);
        using var ofGenerator = other.Targets(Batch.Of([sample]), CancellationToken.None);

        // In the clean photo's colors, as every teacher: the mean over squares, but for what is interpolated and cut off.
        var means = Shrunk(targets.ToHost()).Zip(Shrunk(sample.Clean), (a, b) => Math.Abs(a - b));
        means.Max().ShouldBeLessThan(0.06f);
        targets.ToHost().Data.ShouldNotBe(sample.Clean.Data);
        again.ToHost().Data.ShouldBe(targets.ToHost().Data);
        ofGenerator.ToHost().Data.ShouldNotBe(targets.ToHost().Data);
    }

    [Fact]
    public void A_generator_learns_from_a_pack()
    {
        var photos = Prepare();
        var teacher = new TeacherOptions
        {
            Pack = new() { Name = Path.Combine(AppContext.BaseDirectory, "models", "mini"), Steps = 2 },
        };

        Train(photos, "run", TinyRuns.Turbo with { Teacher = teacher });

        PackReader.Read(_folder.File("run")).Generator.ShouldNotBeNull();
    }

    [Fact]
    public void A_run_that_is_stopped_while_a_pack_teaches_drops_the_step_and_goes_on_to_the_bits_of_an_uninterrupted_one()
    {
        var photos = Prepare();
        var options = TinyRuns.Turbo with
        {
            Teacher = new()
            {
                Pack = new() { Name = Path.Combine(AppContext.BaseDirectory, "models", "mini"), Steps = 2 },
            },
            Degradations = [TinyRuns.Turbo.Degradations[0]],
        };
        using var stop = new CancellationTokenSource();

        Train(photos, "whole", options);
        Train(photos, "parts", options, task => new StoppedTask(task, stop, batch: 2), stop.Token);
        var stopped = Checkpoint.Open(_folder.File("parts/state.safetensors")).Metadata["step"];
        Train(photos, "parts", options);

        stopped.ShouldBe("1");
        File.ReadAllBytes(_folder.File("parts/state.safetensors"))
            .ShouldBe(File.ReadAllBytes(_folder.File("whole/state.safetensors")));
    }

    [Fact]
    public void A_run_that_is_stopped_validates_no_further_sample()
    {
        var photos = Prepare();
        using var stop = new CancellationTokenSource();
        using var task = new TurboTask(TinyRuns.Turbo, CPU, _folder.File("run"));
        stop.Cancel();

        Should.Throw<OperationCanceledException>(() => task.Validate(task.Weights, [Samples(photos).At(0)], stop.Token));
    }

    [Fact]
    public void A_file_that_holds_no_enlarging_network_is_no_teacher()
    {
        Prepare();
        var options = TinyRuns.Turbo.Teacher! with { Path = "../stage1/stage1.safetensors" };

        Should
            .Throw<DiffBirException>(() => new Teacher(options, CPU, _folder.File("run"), ScalarType.Float32))
            .Message.ShouldContain("must hold one network that enlarges and nothing else, got ");
    }

    [Fact]
    public void Photos_that_kept_their_pixels_are_learned_from_as_they_are()
    {
        var photos = Prepare();
        using var teacher = new Teacher(TinyRuns.Turbo.Teacher!, CPU, _folder.File("run"), ScalarType.Float32);
        var sample = Samples(photos, TinyRuns.Turbo.Degradations[1]).At(0);

        using var targets = teacher.Targets(Batch.Of([sample]), CancellationToken.None);

        sample.Small.ShouldBeNull();
        targets.ToHost().Data.ShouldBe(sample.Clean.Data);
    }

    [Fact]
    public void A_small_image_and_its_enlargement_show_the_same_as_the_clean_crop()
    {
        var photos = Prepare();
        var same = new DegradationChoice
        {
            Ranges = new IndependentDegradation
            {
                Shrink = 4,
                DownsampleProbability = 1,
                Downsample = new(4, 4),
            },
        };

        for (var number = 0; number < 6; number++)
        {
            var sample = Samples(photos, same).At(number);

            sample.Small!.Shape.ToArray().ShouldBe([1, 3, 8, 8]);
            sample.Lq!.Shape.ToArray().ShouldBe([1, 3, 32, 32]);
            var expected = Resampling.ResizeAsPillow(sample.Clean, 8, 8);
            // The middle: at the border the margin was seen by the one and not by the other.
            var (a, b) = (Framing.Crop(sample.Small, new(2, 2, 4, 4)), Framing.Crop(expected, new(2, 2, 4, 4)));
            a.Data.Zip(b.Data, (x, y) => Math.Abs(x - y)).Average().ShouldBeLessThan(0.02f);
        }
    }

    private string Prepare()
    {
        var photos = PhotoFolder.Create(_folder, 64);
        var stage1 = TinyRuns.Stage1 with { Steps = 1 };
        var run = TinyRuns.Of(_folder, photos, "stage1", stage1, (options, path) => new Stage1Task(options, CPU, path));
        (run with { Degradations = stage1.Degradations }).Train();
        using var teacher = ParameterSet.Create(
            Initialization.Default,
            1,
            CPU,
            SrvggNetCompact.Build(new SrvggNetCompactConfig { Channels = 8, Convolutions = 1 }, 1, 8, 8)
        );
        SafetensorsWriter.Write(_folder.File("teacher.safetensors"), teacher.Entries());
        return photos;
    }

    private void Train(
        string photos,
        string name,
        TurboOptions options,
        Func<ITrainingTask, ITrainingTask>? around = null,
        CancellationToken cancellation = default
    )
    {
        around ??= task => task;
        var run = TinyRuns.Of(_folder, photos, name, options, (o, path) => around(new TurboTask(o, CPU, path)));
        (run with { Degradations = options.Degradations }).Train(cancellation);
    }

    private static SampleSource Samples(string photos, params IReadOnlyList<DegradationChoice> choices)
    {
        var (training, _) = PhotoSet.Open(photos);
        var degradations = choices.Count > 0 ? choices : TinyRuns.Turbo.Degradations;
        return new SampleSource(training, TinyRuns.Turbo.Data, degradations, seed: 3, _ => { });
    }

    private static float[] Shrunk(Tensor image01) =>
        Resampling.ResizeAsPillow(image01, image01.Size(2) / 8, image01.Size(3) / 8, PillowFilter.Box).Data;

    /// <summary>A task whose run is told to stop while it prepares a batch.</summary>
    /// <param name="inner">The task.</param>
    /// <param name="stop">Stops the run.</param>
    /// <param name="batch">The batch's number, from 1.</param>
    private sealed class StoppedTask(ITrainingTask inner, CancellationTokenSource stop, int batch) : ITrainingTask
    {
        private int _prepared;

        public ParameterSet Weights => inner.Weights;

        public Adversary? Adversary => inner.Adversary;

        public PreparedBatch Prepare(Batch samples, StepRandom random, CancellationToken cancellation)
        {
            _prepared++;
            if (_prepared == batch)
            {
                stop.Cancel();
            }

            return inner.Prepare(samples, random, cancellation);
        }

        public ValidationResult Validate(ParameterSet weights, IReadOnlyList<Sample> samples, CancellationToken cancellation) =>
            inner.Validate(weights, samples, cancellation);

        public void Export(ParameterSet weights, IReadOnlyList<Sample> samples, RunDirectory run) =>
            inner.Export(weights, samples, run);

        public void Dispose() => inner.Dispose();
    }
}
