using DiffBir.Degradation;
using DiffBir.Networks;
using DiffBir.Networks.Autoencoder;
using DiffBir.Networks.Diffusion;
using DiffBir.Packs;
using DiffBir.Sampling;
using DiffBir.Training.Configuration;
using DiffBir.Training.Data;
using DiffBir.Training.Optimization;
using DiffBir.Training.Runs;
using DiffBir.Training.Tasks;
using static TorchSharp.torch;

namespace DiffBir.Training.Tests.Support;

/// <summary>Configurations that train in moments, and a way to run them.</summary>
internal static class TinyRuns
{
    public static Stage1Options Stage1 { get; } =
        new()
        {
            Steps = 6,
            LogEvery = 2,
            ValidateEvery = 3,
            SaveEvery = 3,
            Network = new Stage1Source<SwinIrConfig>
            {
                File = NetworkNames.Stage1,
                Sizes = new SwinIrConfig
                {
                    Channels = 16,
                    Depths = [2],
                    Heads = 2,
                    Window = 4,
                    Unshuffle = 2,
                    Upsampler = SwinIrUpsampler.PixelShuffle,
                },
            },
            Degradations = [new DegradationChoice { Family = "codeformer" }, new DegradationChoice { Family = "realesrgan" }],
            Data = new DataOptions { Batch = 2, Crop = 32 },
            Optimizer = new OptimizerOptions
            {
                LearningRate = 1e-3,
                ClipNorm = 1,
                Accumulate = 2,
            },
        };

    public static VaeOptions Vae { get; } =
        new()
        {
            Steps = 4,
            LogEvery = 2,
            ValidateEvery = 2,
            SaveEvery = 2,
            EdgeWeight = 0.1,
            Sizes = new AutoencoderConfig
            {
                Patch = 2,
                Channels = 8,
                ChannelMultipliers = [1, 2],
                ResBlocks = 1,
                LatentChannels = 4,
                NormGroups = 4,
            },
            Data = new DataOptions { Batch = 2, Crop = 32 },
        };

    public static PriorOptions Prior { get; } =
        new()
        {
            Steps = 4,
            LogEvery = 2,
            ValidateEvery = 4,
            SaveEvery = 2,
            Autoencoder = new FrozenNetworkSource<AutoencoderConfig> { Path = "../vae" },
            UNet = new UNetConfig
            {
                ModelChannels = 8,
                ChannelMultipliers = [1, 2],
                ResBlocks = 1,
                AttentionFactors = [],
                HeadChannels = 4,
                ContextFeatures = 6,
                NormGroups = 4,
            },
            Schedule = new ScheduleSettings { ZeroTerminalSnr = true, Predicts = Parameterization.V },
            Data = new DataOptions { Batch = 2, Crop = 32 },
        };

    public static Stage2Options Stage2 { get; } =
        new()
        {
            Steps = 4,
            LogEvery = 2,
            ValidateEvery = 4,
            SaveEvery = 2,
            Autoencoder = new FrozenNetworkSource<AutoencoderConfig> { Path = "../vae" },
            Prior = new FrozenNetworkSource<UNetConfig> { Path = "../prior" },
            Stage1 = new FrozenNetworkSource<Stage1Source> { Path = "../stage1" },
            Schedule = Prior.Schedule,
            NoiseAugmentation = 100,
            Data = new DataOptions { Batch = 2, Crop = 32 },
        };

    /// <summary>Learns from a teacher where photos are made four times smaller, from the clean photos elsewhere.</summary>
    public static TurboOptions Turbo { get; } =
        new()
        {
            Steps = 4,
            LogEvery = 2,
            ValidateEvery = 4,
            SaveEvery = 2,
            Network = new Stage1Source<RrdbNetConfig>
            {
                File = NetworkNames.Generator,
                Sizes = new RrdbNetConfig
                {
                    Channels = 64,
                    Blocks = 1,
                    Growth = 8,
                    Scale = 1,
                    Unshuffle = 4,
                },
            },
            Stage1 = new FrozenNetworkSource<Stage1Source> { Path = "../stage1" },
            Teacher = new TeacherOptions { Path = "../teacher.safetensors" },
            Degradations =
            [
                new DegradationChoice
                {
                    Ranges = new IndependentDegradation
                    {
                        Shrink = 4,
                        DownsampleProbability = 1,
                        Downsample = new(4, 4),
                    },
                },
                new DegradationChoice { Family = "codeformer" },
            ],
            Data = new DataOptions
            {
                Batch = 2,
                Crop = 32,
                Margin = 16,
            },
            Optimizer = new OptimizerOptions { LearningRate = 1e-3, ClipNorm = 1 },
        };

    /// <summary>Runs a task in <c>FOLDER/NAME</c>, anew or further, for at most some steps.</summary>
    public static string Train<TOptions>(
        TemporaryFolder folder,
        string photos,
        string name,
        TOptions options,
        Func<TOptions, string, ITrainingTask> create,
        IReadOnlyList<DegradationChoice>? degradations = null,
        Architectures? architectures = null,
        CancellationToken cancellation = default
    )
        where TOptions : TrainingOptions
    {
        var path = folder.File(name);
        var run = RunDirectory.Open(path, resume: File.Exists(Path.Combine(path, "state.safetensors")), architectures);
        using var text = new StringWriter();
        using var log = new TrainingLog(run, text, TimeProvider.System);
        var (training, held) = PhotoSet.Open(photos);
        SampleSource Source(PhotoSet set) => new(set, options.Data, degradations ?? [], options.Seed, log.Say);
        var validation = new[] { Source(held).Middle(0, options.Data.Crop)! };
        using var task = create(options, path);
        using var trainer = new Trainer(task, options, run, log, CPU, TimeProvider.System);
        trainer.Run(Source(training), validation, TimeSpan.MaxValue, cancellation);
        return text.ToString();
    }
}
