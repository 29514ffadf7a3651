using System.CommandLine;
using DiffBir.Cli.Display;
using DiffBir.Cli.Files;
using DiffBir.Cli.Usage;
using DiffBir.Imaging;
using DiffBir.Metrics;
using DiffBir.Metrics.Reports;

namespace DiffBir.Cli.Commands;

/// <summary><c>diffbir eval</c>: measures images.</summary>
internal sealed class EvalCommand
{
    private readonly Argument<string[]> _inputs;

    private readonly Option<string?> _reference = new("--reference", "-r")
    {
        Description =
            "The clean image, or a folder with clean images of the same names. Without it, only measures that need none.",
        HelpName = "REF",
    };

    private readonly Option<string?> _before = new("--before", "-b")
    {
        Description =
            "The image before restoration, or a folder with them; measured too, enlarged by bicubic interpolation if smaller.",
        HelpName = "LQ",
    };

    private readonly Option<int> _border = new("--border")
    {
        Description = "Pixels to leave out on each side; papers use the upscaling factor.",
    };

    private readonly Option<string[]> _metrics = new("--metrics")
    {
        Description = $"The measures: {string.Join(", ", QualityMetric.All.Select(metric => metric.Name))}; all if not given.",
        AllowMultipleArgumentsPerToken = true,
        CustomParser = result => [.. result.Tokens.SelectMany(token => token.Value.Split(','))],
        HelpName = "NAME",
    };

    private readonly Option<string?> _lpips = new("--lpips")
    {
        Description = "Also measure LPIPS: a folder with torchvision's AlexNet or VGG-16 and LPIPS' file for it.",
        HelpName = "DIR",
    };

    private readonly Option<string?> _niqe = new("--niqe")
    {
        Description =
            "Also measure NIQE as published, which rewards grain: the authors' modelparameters.mat, or BasicSR's niqe_pris_params.npz.",
        HelpName = "FILE",
    };

    private readonly Option<string?> _csv = OptionKinds.Target("--csv", "Also write a table for spreadsheets.", "FILE");

    private readonly Option<string?> _html = OptionKinds.Target(
        "--html",
        "Also write a page with plots and a before/after slider over each image; it needs nothing else.",
        "FILE"
    );

    private readonly Option<string?> _about = new("--about")
    {
        Description = "What made the images: the model and its settings, in words; for the page and JSON.",
        HelpName = "TEXT",
    };

    private readonly Option<bool> _json = new("--json") { Description = "JSON instead of a table." };

    private readonly TimeProvider _time;

    private EvalCommand(Argument<string[]> inputs, TimeProvider time) => (_inputs, _time) = (inputs, time);

    /// <summary>The command with its options.</summary>
    /// <param name="time">Says when images are measured.</param>
    public static Command Create(TimeProvider time)
    {
        var inputs = OptionKinds.Inputs("IMAGE", "Images to measure, and folders of them (searched recursively).");
        var command = new DocumentedCommand("eval", "Measures the quality of images, with or without clean ones to compare with.")
        {
            inputs,
        };
        command.AddLater(() => new EvalCommand(inputs, time).AddTo(command));
        return command;
    }

    private void AddTo(Command command)
    {
        Option[] options = [_reference, _before, _border, _metrics, _lpips, _niqe, _csv, _html, _about, _json];
        foreach (var option in options)
        {
            command.Add(option);
        }

        command.SetAction((parsed, cancellation) => CommandErrors.RunAsync(parsed, Run, cancellation));
    }

    private int Run(ParseResult parsed, CancellationToken cancellation)
    {
        using var lpips = parsed.GetValue(_lpips) is { } folder ? Lpips.Open(folder) : null;
        var metrics = Metrics(parsed, lpips);
        var evaluator = new Evaluator(metrics, parsed.GetValue(_border), parsed.GetValue(_html) is not null);
        var files = InputFiles.Collect(parsed.GetRequiredValue(_inputs));
        var references = Open("reference", parsed.GetValue(_reference), files.Count);
        var befores = Open("image before", parsed.GetValue(_before), files.Count);
        ValidateReports(parsed, [.. files, .. references?.Files ?? [], .. befores?.Files ?? []]);
        var images = new List<EvaluatedImage>();
        foreach (var file in files)
        {
            cancellation.ThrowIfCancellationRequested();
            try
            {
                var reference = references is null ? null : Read(references.Of(file), cancellation);
                var before = befores is null ? null : Read(befores.Of(file), cancellation);
                images.Add(evaluator.Evaluate(file.Name, Read(file, cancellation), reference, before));
            }
            catch (DiffBirException exception)
            {
                var message = exception is ShapeException ? $"{file.Path}: {exception.Message}" : exception.Message;
                parsed.InvocationConfiguration.Error.WriteLine(Printable.Line(message));
            }
        }

        if (images.Count > 0)
        {
            var origin = new EvaluationOrigin(parsed.GetValue(_about), parsed.GetValue(_border), _time.GetLocalNow());
            Write(new Evaluation(metrics, images) { Origin = origin }, parsed);
        }

        var failed = files.Count - images.Count;
        FailureCount.Write(failed, files.Count, "images were not measured", parsed.InvocationConfiguration.Error);
        return ExitCode.Of(failed);
    }

    /// <summary>Throws before the work where a report could not be written, or would replace an image.</summary>
    private void ValidateReports(ParseResult parsed, IReadOnlyList<InputFile> read)
    {
        var kept = new KeptInputs(read);
        foreach (var report in new[] { parsed.GetValue(_csv), parsed.GetValue(_html) }.OfType<string>())
        {
            kept.ValidateOther(report);
            OutputFolder.ValidateInPlace(report);
        }
    }

    private QualityMetric[] Metrics(ParseResult parsed, Lpips? lpips)
    {
        if (parsed.GetValue(_border) < 0)
        {
            throw new UsageException($"--border is {parsed.GetValue(_border)}. Give 0 or more pixels.");
        }

        var names = parsed.GetValue(_metrics) ?? [];
        var withReference = parsed.GetValue(_reference) is not null;
        QualityMetric[] metrics =
        [
            .. names.Length > 0
                ? names.Select(Named)
                : QualityMetric.All.Where(metric => withReference || !metric.NeedsReference),
            .. lpips is null ? [] : new[] { QualityMetric.Of(lpips) },
            .. parsed.GetValue(_niqe) is { } statistics ? new[] { QualityMetric.Of(Niqe.Open(statistics)) } : [],
        ];
        return !withReference && Array.Find(metrics, metric => metric.NeedsReference) is { } lacking
            ? throw new UsageException($"The measure {lacking.Name} compares with clean images. Name them with --reference.")
            : metrics;
    }

    private static QualityMetric Named(string name) =>
        QualityMetric.All.FirstOrDefault(metric => metric.Name == name)
        ?? throw new UsageException(
            $"There is no measure {name}. Use {string.Join(", ", QualityMetric.All.Select(metric => metric.Name))} (--metrics)."
        );

    private static Counterparts? Open(string role, string? path, int images) =>
        path is null ? null : Counterparts.Open(role, path, images);

    private static Tensor Read(InputFile file, CancellationToken cancellation)
    {
        using var photo = file.Read(null, cancellation);
        return photo.Pixels.ToTensor();
    }

    private void Write(Evaluation evaluation, ParseResult parsed)
    {
        var output = parsed.InvocationConfiguration.Output;
        if (parsed.GetValue(_json))
        {
            using var stream = new MemoryStream();
            EvaluationJson.Write(evaluation, stream);
            output.WriteLine(Printable.Json(System.Text.Encoding.UTF8.GetString(stream.ToArray())));
        }
        else
        {
            EvaluationTable.Write(evaluation, output);
        }

        if (parsed.GetValue(_csv) is { } csv)
        {
            using var writer = new StreamWriter(csv);
            EvaluationCsv.Write(evaluation, writer);
        }

        if (parsed.GetValue(_html) is { } html)
        {
            using var stream = File.Create(html);
            HtmlReport.Write(evaluation, stream);
        }
    }
}
