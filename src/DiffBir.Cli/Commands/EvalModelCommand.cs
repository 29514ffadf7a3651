using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using DiffBir.Cli.Display;
using DiffBir.Cli.Files;
using DiffBir.Cli.Trials;
using DiffBir.Cli.Usage;
using DiffBir.Degradation;
using DiffBir.Engine;
using DiffBir.Imaging;
using DiffBir.Metrics;
using DiffBir.Metrics.Reports;
using DiffBir.Options;
using DiffBir.Packs;
using DiffBir.Restoration;

namespace DiffBir.Cli.Commands;

/// <summary><c>diffbir eval-model</c>: makes good photos bad, restores them, and measures how well.</summary>
internal sealed class EvalModelCommand
{
    private static readonly double[] SharesOfStrongest = [0, 0.05, 0.2];
    private static readonly Evaluator TrialEvaluator = new(ModelTrial.Metrics);

    private readonly Argument<string[]> _photos;

    private readonly Option<string> _model = new("--model")
    {
        Description = $"The model: {string.Join(", ", PackCatalog.Names)}, or a folder with a model.json.",
        DefaultValueFactory = _ => PackCatalog.Mini,
        HelpName = "NAME",
    };

    private readonly Option<string?> _weights = new("--weights")
    {
        Description = "The folder with the model's files. [default: where `diffbir models pull` puts them]",
        HelpName = "DIR",
    };

    private readonly Option<double[]?> _guidanceScales = new("--guidance-scales")
    {
        Description =
            "Both stages are tried with each of these scales of guidance. [default: 0, a twentieth and a fifth of the model's strongest]",
        HelpName = "N,N...",
        CustomParser = ParseScales,
    };

    private readonly Option<bool> _stage1Only = new("--stage1-only") { Description = "Try stage 1 alone." };

    private readonly Option<int?> _steps = OptionKinds.Number<int>("--steps", "The steps of stage 2. [default: the model's]");

    private readonly Option<double> _scale = OptionKinds.Number(
        "--scale",
        "How many times smaller the bad photos are, 1 to 16; the model enlarges them again.",
        1.0
    );

    private readonly Option<int?> _crop = OptionKinds.Number<int>(
        "--crop",
        "Use the middle of each photo only, a square with this side in pixels."
    );

    private readonly Option<int?> _limit = OptionKinds.Number<int>(
        "--limit",
        "Use this many of the photos, evenly spread over the list of their names."
    );

    private readonly Option<long> _seed = OptionKinds.Number(
        "--seed",
        "Decides how the photos are made bad, as for diffbir degrade, and the noise that stage 2 starts from.",
        231L
    );

    private readonly Option<string?> _save = OptionKinds.Target(
        "--save",
        "A folder for every picture: GROUP/METHOD/PHOTO.png.",
        "DIR"
    );

    private readonly Option<int> _threads = OptionKinds.Number("--threads", "Threads on the processor; 0: one for each core.", 0);

    private readonly Option<bool> _json = new("--json")
    {
        Description = "One line of JSON for each picture and each mean, for programs.",
    };

    private EvalModelCommand(Argument<string[]> photos) => _photos = photos;

    /// <summary>The command with its options.</summary>
    public static Command Create()
    {
        var photos = OptionKinds.Inputs("PHOTO", "Good photos that the model was not trained on, and folders of them.");
        var command = new DocumentedCommand(
            "eval-model",
            "Measures a model: makes good photos bad in six ways, restores them, compares with bicubic and between the stages."
        )
        {
            Examples =
            [
                "diffbir eval-model photos/val --model mini",
                "diffbir eval-model photos/val --model runs/stage2 --limit 10 --crop 256 --save pictures",
            ],
        };
        command.Add(photos);
        command.AddLater(() => new EvalModelCommand(photos).AddTo(command));
        return command;
    }

    private void AddTo(DocumentedCommand command)
    {
        command.Add(_model);
        command.Add("What is tried", [_guidanceScales, _stage1Only, _steps, _scale, _crop, _limit, _seed]);
        command.Add("Files and speed", [_save, _json, _weights, _threads]);
        command.SetAction((parsed, cancellation) => CommandErrors.RunAsync(parsed, Run, cancellation));
    }

    private int Run(ParseResult parsed, CancellationToken cancellation)
    {
        var pack = PackCatalog.Find(parsed.GetRequiredValue(_model));
        IReadOnlyList<string> weights = parsed.GetValue(_weights) is { } folder
            ? [folder, ModelFolder.Default]
            : [ModelFolder.Default];
        var files = Spread(InputFiles.Collect(parsed.GetRequiredValue(_photos)), parsed);
        OutputFolder.Validate(parsed.GetValue(_save) is { } save ? [save] : []);
        var engine = new EngineOptions { Threads = parsed.GetValue(_threads) };
        DeviceText.WriteNotice(engine, parsed.InvocationConfiguration.Error);
        var plan = Plan(parsed, engine, pack.Defaults.StrongestGuidance);
        using var trial = new ModelTrial(pack, plan, weights);
        using var autoencoder = parsed.GetValue(_stage1Only) ? null : new RoundTrip(pack, engine, weights);
        var (summary, failed) = Try(files, trial, autoencoder, parsed, cancellation);
        if (failed < files.Count)
        {
            Write(summary, parsed);
            if (parsed.GetValue(_save) is { } pictures)
            {
                var hint = TrialGallery.ReportCommand(pictures, plan.Groups[^1], plan.Methods[^1], About(pack, parsed));
                parsed.InvocationConfiguration.Error.WriteLine(Printable.Line($"A page with sliders over the pictures: {hint}"));
            }
        }

        FailureCount.Write(failed, files.Count, "photos were left out", parsed.InvocationConfiguration.Error);
        return ExitCode.Of(failed);
    }

    private string About(ModelPack pack, ParseResult parsed) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{pack.Name}, steps {parsed.GetValue(_steps) ?? pack.Defaults.Steps}, photos {parsed.GetValue(_scale)} times smaller, seed {parsed.GetValue(_seed)}"
        );

    private void Write(TrialSummary summary, ParseResult parsed)
    {
        var output = parsed.InvocationConfiguration.Output;
        if (parsed.GetValue(_json))
        {
            TrialLines.Write(summary, output);
        }
        else
        {
            TrialText.Write(summary, output);
        }
    }

    private TrialPlan Plan(ParseResult parsed, EngineOptions engine, double strongest)
    {
        var stage1 = new RestorationOptions
        {
            Upscale = parsed.GetValue(_scale),
            Seed = parsed.GetValue(_seed),
            Stage1Only = true,
            Engine = engine,
        };
        var both = stage1 with
        {
            Stage1Only = false,
            Sampling = new SamplingOptions { Steps = parsed.GetValue(_steps) },
        };
        // An option that takes several values is empty where it is not given.
        var scales =
            parsed.GetValue(_stage1Only) ? []
            : parsed.GetValue(_guidanceScales) is { Length: > 0 } given ? given
            : [.. SharesOfStrongest.Select(share => share * strongest)];
        return new TrialPlan(
            TrialGroup.All(parsed.GetValue(_scale)),
            [
                new TrialMethod(TrialMethod.Stage1, stage1),
                .. scales.Select(scale => new TrialMethod(
                    string.Create(CultureInfo.InvariantCulture, $"guidance {scale}"),
                    both with
                    {
                        Guidance = new GuidanceOptions { Scale = scale },
                    }
                )),
            ],
            parsed.GetValue(_seed)
        );
    }

    /// <summary>Tries one photo after the other; what fails is named and left out.</summary>
    private (TrialSummary Summary, int Failed) Try(
        IReadOnlyList<InputFile> files,
        ModelTrial trial,
        RoundTrip? autoencoder,
        ParseResult parsed,
        CancellationToken cancellation
    )
    {
        var results = new List<TrialResult>();
        var roundTrips = new List<(string, Scores)>();
        var gallery = parsed.GetValue(_save) is { } folder ? new TrialGallery(folder, files) : null;
        var (start, failed) = (Stopwatch.GetTimestamp(), 0);
        for (var index = 0; index < files.Count; index++)
        {
            var file = files[index];
            try
            {
                var clean = Read(file, parsed, cancellation);
                var tried = trial.Try(file.Name, clean, gallery is null ? null : gallery.Of(file), cancellation).ToList();
                if (autoencoder?.Run(clean, cancellation) is { } decoded)
                {
                    roundTrips.Add((file.Name, TrialEvaluator.Evaluate(file.Name, decoded, clean, null).Result));
                }

                results.AddRange(tried);
            }
            catch (Exception error) when (error is DiffBirException or IOException or UnauthorizedAccessException)
            {
                failed++;
                parsed.InvocationConfiguration.Error.WriteLine(Printable.Line(error.Message));
            }

            var left = Stopwatch.GetElapsedTime(start) / (index + 1) * (files.Count - index - 1);
            parsed.InvocationConfiguration.Error.WriteLine(
                $"{index + 1} of {files.Count} photos, {left.TotalMinutes:F0} min left"
            );
        }

        return (new TrialSummary(results, roundTrips), failed);
    }

    private Tensor Read(InputFile file, ParseResult parsed, CancellationToken cancellation)
    {
        using var photo = file.Read(null, cancellation);
        var image = photo.Pixels.ToTensor();
        var multiple = (int)Math.Ceiling(parsed.GetValue(_scale));
        var side = parsed.GetValue(_crop) ?? int.MaxValue;
        var height = Math.Min(image.Size(2), side) / multiple * multiple;
        var width = Math.Min(image.Size(3), side) / multiple * multiple;
        return height > 0 && width > 0
            ? Framing.Crop(image, new((image.Size(2) - height) / 2, (image.Size(3) - width) / 2, height, width))
            : throw new UsageException(
                $"{file.Path} is too small to be made {multiple} times smaller. Lower --scale, or raise --crop."
            );
    }

    private IReadOnlyList<InputFile> Spread(IReadOnlyList<InputFile> files, ParseResult parsed)
    {
        if (parsed.GetValue(_limit) is not { } limit || limit >= files.Count)
        {
            return files;
        }

        return limit > 0
            ? [.. Enumerable.Range(0, limit).Select(index => files[(int)((long)index * files.Count / limit)])]
            : throw new UsageException($"--limit is {limit}. Give 1 or more photos.");
    }

    private static double[] ParseScales(System.CommandLine.Parsing.ArgumentResult result)
    {
        var texts = result.Tokens.SelectMany(token => token.Value.Split(',')).ToArray();
        var scales = new List<double>(texts.Length);
        foreach (var text in texts)
        {
            if (NumberText.Parse<double>(text) is { } scale)
            {
                scales.Add(scale);
            }
            else
            {
                result.AddError($"--guidance-scales has \"{text}\"; numbers such as 0,0.05 are expected.");
            }
        }

        return [.. scales];
    }
}
