using System.CommandLine;
using DiffBir.Training.Configuration;
using DiffBir.Training.Data;
using DiffBir.Training.Runs;
using DiffBir.Training.Tasks;
using TorchSharp;
using static TorchSharp.torch;

namespace DiffBir.Training;

/// <summary>The command line of <c>diffbir-train</c>.</summary>
internal sealed class TrainCommand
{
    private static readonly Option<string> Configuration = new("--config")
    {
        Description = "The configuration, a JSON file",
        Required = true,
    };

    private static readonly Option<string[]> Changes = new("--set")
    {
        Description =
            "A field of the configuration with another value, such as optimizer.learningRate=1e-4; as often as you like",
        HelpName = "FIELD=VALUE",
        DefaultValueFactory = _ => [],
    };

    private static readonly Option<string> Photos = new("--data")
    {
        Description = "The photos: a folder, a folder with train and val inside, or a list of paths",
        Required = true,
    };

    private static readonly Option<string> Out = new("--out") { Description = "The run's folder", Required = true };

    private static readonly Option<bool> Resume = new("--resume") { Description = "Go on with the run in the folder" };

    private static readonly Option<int> Threads = new("--threads")
    {
        Description = "Threads of the network; 0 means one for each core",
    };

    private static readonly Option<string> TargetDevice = new("--device")
    {
        Description = "cpu or cuda",
        DefaultValueFactory = _ => "cpu",
    };

    private static readonly Option<double?> Minutes = new("--minutes") { Description = "Save and stop after this time" };

    /// <summary>Told to stop, a run ends its step and saves; that may take a while.</summary>
    private static readonly TimeSpan PatienceOfRuns = TimeSpan.FromMinutes(10);

    private readonly Func<Device, bool> _isBFloat16Fast;

    private TrainCommand(Func<Device, bool> isBFloat16Fast) => _isBFloat16Fast = isBFloat16Fast;

    /// <summary>The command with its tasks.</summary>
    /// <param name="isBFloat16Fast">Whether a device computes products in bfloat16 faster than in 32 bits.</param>
    public static RootCommand Create(Func<Device, bool> isBFloat16Fast) => new TrainCommand(isBFloat16Fast).Root();

    /// <summary>Runs the program.</summary>
    /// <param name="program">The command of <see cref="Create"/>.</param>
    /// <param name="arguments">The command line.</param>
    /// <param name="output">What the run says, and help.</param>
    /// <param name="error">Failures.</param>
    /// <param name="cancellation">Stops it, as Ctrl-C does.</param>
    /// <returns>One of <see cref="ExitCode"/>.</returns>
    public static Task<int> RunAsync(
        Command program,
        IReadOnlyList<string> arguments,
        TextWriter output,
        TextWriter error,
        CancellationToken cancellation = default
    )
    {
        var parsed = program.Parse(arguments);
        var isRun = parsed.CommandResult.Command.Options.Contains(Configuration);
        return CommandRunner.RunAsync(parsed, output, error, isRun ? PatienceOfRuns : CommandRunner.Patience, cancellation);
    }

    private RootCommand Root()
    {
        var root = new RootCommand("Trains DiffBir's networks from clean photos.");
        root.Add(
            Verb<Stage1Options>(
                "stage1",
                "Trains the network that removes degradation",
                options => options.Degradations,
                (options, device, folder) => new Stage1Task(options, device, folder)
            )
        );
        root.Add(
            Verb<VaeOptions>("vae", "Trains the autoencoder", _ => [], (options, device, _) => new VaeTask(options, device))
        );
        root.Add(
            Verb<PriorOptions>(
                "prior",
                "Trains the latent diffusion UNet",
                _ => [],
                (options, device, folder) => new PriorTask(options, device, folder)
            )
        );
        root.Add(
            Verb<Stage2Options>(
                "stage2",
                "Trains IRControlNet",
                options => options.Degradations,
                (options, device, folder) => new Stage2Task(options, device, folder)
            )
        );
        root.Add(
            Verb<TurboOptions>(
                "turbo",
                "Trains the generator that makes stage 1's image sharp in one evaluation",
                options => options.Degradations,
                (options, device, folder) => new TurboTask(options, device, folder)
            )
        );
        root.Add(PackCommand.Create());
        root.Add(PhotosCommand.Create());
        root.Add(CompareCommand.Create());
        root.Add(MeanCommand.Create());
        return root;
    }

    private Command Verb<TOptions>(
        string name,
        string description,
        Func<TOptions, IReadOnlyList<DegradationChoice>> degradations,
        Func<TOptions, Device, string, ITrainingTask> create
    )
        where TOptions : TrainingOptions
    {
        var command = new Command(name, description);
        foreach (var option in (Option[])[Configuration, Changes, Photos, Out, Resume, Threads, TargetDevice, Minutes])
        {
            command.Add(option);
        }

        command.SetAction((parsed, cancellation) => CommandErrors.RunAsync(parsed, Execute, cancellation));
        return command;

        int Execute(ParseResult parsed, CancellationToken cancellation)
        {
            var options = OptionsFile.Read<TOptions>(parsed.GetValue(Configuration)!, changes: parsed.GetValue(Changes));
            return Train(parsed, options, degradations(options), create, cancellation);
        }
    }

    private int Train<TOptions>(
        ParseResult parsed,
        TOptions options,
        IReadOnlyList<DegradationChoice> degradations,
        Func<TOptions, Device, string, ITrainingTask> create,
        CancellationToken cancellation
    )
        where TOptions : TrainingOptions
    {
        if (parsed.GetValue(Threads) is > 0 and var threads)
        {
            set_num_threads(threads);
        }

        var device = DeviceOf(parsed);
        var (photos, held) = PhotoSet.Open(parsed.GetValue(Photos)!);
        var run = RunDirectory.Open(parsed.GetValue(Out)!, parsed.GetValue(Resume));
        var output = parsed.InvocationConfiguration.Output;
        var screen = HarmlessWriter.InnerOf(output);
        var isTerminal = !Console.IsOutputRedirected && ReferenceEquals(screen, Console.Out);
        using var log = new TrainingLog(run, output, TimeProvider.System, isTerminal ? screen : null);
        run.WriteConfiguration(OptionsFile.Write(options));
        options = options with { Precision = PrecisionOn(device, options.Precision, log) };
        log.Say(
            $"{photos.Count} photos to train on, {held.Count} held back; products in {options.Precision} on {device}; getting ready"
        );
        var source = new SampleSource(photos, options.Data, degradations, options.Seed, log.Say);
        var validation = Validation(new SampleSource(held, options.Data, degradations, options.Seed, log.Say), held, options);
        using var task = create(options, device, run.Path);
        using var trainer = new Trainer(task, options, run, log, TimeProvider.System);
        log.Say(
            $"{validation.Count} photos to validate with, {task.Weights.Count / 1e6:F2} M weights, from step {trainer.StepsDone} to {options.Steps}"
        );
        var limit = parsed.GetValue(Minutes) is { } minutes ? TimeSpan.FromMinutes(minutes) : TimeSpan.MaxValue;
        CommandErrors.Work(() => trainer.Run(source, validation, limit, cancellation));
        var isStopped = cancellation.IsCancellationRequested && trainer.StepsDone < options.Steps;
        return isStopped ? ExitCode.Interrupted : ExitCode.Success;
    }

    private static Device DeviceOf(ParseResult parsed) =>
        parsed.GetValue(TargetDevice) switch
        {
            "cpu" => CPU,
            "cuda" when cuda.is_available() => CUDA,
            "cuda" => throw new DiffBirException(
                "The device cuda is not available. Install its libtorch package, or use --device cpu."
            ),
            var other => throw new DiffBirException($"The device is '{other}'. Use cpu or cuda (--device)."),
        };

    private ProductPrecision PrecisionOn(Device device, ProductPrecision asked, TrainingLog log)
    {
        if (asked != ProductPrecision.BFloat16 || _isBFloat16Fast(device))
        {
            return asked;
        }

        log.Say(
            "The configuration asks for bFloat16, for which this processor has no instructions (AVX-512 BF16 or AMX), or "
                + "ONEDNN_MAX_CPU_ISA forbids them; it would be many times slower. Products are computed in float32 instead."
        );
        return ProductPrecision.Float32;
    }

    private static List<Sample> Validation(SampleSource source, PhotoSet photos, TrainingOptions options)
    {
        var every = Math.Max(1, photos.Count / options.ValidationPhotos);
        return
        [
            .. Enumerable
                .Range(0, photos.Count)
                .Where(photo => photo % every == 0)
                .Take(options.ValidationPhotos)
                .Select(photo => source.Middle(photo, options.Data.Crop))
                .OfType<Sample>(),
        ];
    }
}
