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
                ContextFeatures = 0,
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

    /// <summary>A run of a task in <c>FOLDER/NAME</c>.</summary>
    public static TinyRun<TOptions> Of<TOptions>(
        TemporaryFolder folder,
        string photos,
        string name,
        TOptions options,
        Func<TOptions, string, ITrainingTask> create
    )
        where TOptions : TrainingOptions => new(folder.File(name), photos, options, create);
}

/// <summary>A run of a task.</summary>
/// <param name="Path">Its folder.</param>
/// <param name="Photos">The folder of the photos.</param>
/// <param name="Options">The configuration.</param>
/// <param name="Create">Makes the task for a folder.</param>
internal sealed record TinyRun<TOptions>(
    string Path,
    string Photos,
    TOptions Options,
    Func<TOptions, string, ITrainingTask> Create
)
    where TOptions : TrainingOptions
{
    /// <summary>How samples are degraded; not at all where the task does without.</summary>
    public IReadOnlyList<DegradationChoice> Degradations { get; init; } = [];

    /// <summary>What stage 1 may be; null: any network of the library.</summary>
    public Architectures? Architectures { get; init; }

    /// <summary>Runs it, anew or further. Gives what it says.</summary>
    public string Train(CancellationToken cancellation = default)
    {
        var resume = File.Exists(System.IO.Path.Combine(Path, "state.safetensors"));
        var run = RunDirectory.Open(Path, resume, Architectures);
        using var text = new StringWriter();
        using var log = new TrainingLog(run, text, TimeProvider.System);
        var (training, held) = PhotoSet.Open(Photos);
        SampleSource Source(PhotoSet set) => new(set, Options.Data, Degradations, Options.Seed, log.Say);
        var validation = new[] { Source(held).Middle(0, Options.Data.Crop)! };
        using var task = Create(Options, Path);
        using var trainer = new Trainer(task, Options, run, log, TimeProvider.System);
        trainer.Run(Source(training), validation, TimeSpan.MaxValue, cancellation);
        return text.ToString();
    }
}
