using System.CommandLine;
using DiffBir.Imaging;
using DiffBir.Packs;

namespace DiffBir.Cli;

/// <summary><c>diffbir restore</c>: the main job.</summary>
internal sealed class RestoreCommand
{
    private readonly RestoreOptions _restoration = new();

    private readonly Argument<string[]> _inputs = OptionKinds.Inputs(
        "INPUT",
        "Photos, and folders of photos (searched recursively)."
    );

    private readonly Option<string> _output = new("--output", "-o")
    {
        Description = "The restored photo, or a folder for several.",
        Required = true,
        HelpName = "OUT",
    };

    private readonly Option<string> _model = new("--model")
    {
        Description =
            $"The model: {string.Join(", ", PackCatalog.Names)}, or a folder with a model.json.",
        DefaultValueFactory = _ => PackCatalog.Mini,
        HelpName = "NAME",
    };

    private readonly Option<string?> _weights = new("--weights")
    {
        Description =
            "The folder with the model's files. [default: where `diffbir models pull` puts them]",
        HelpName = "DIR",
    };

    private readonly Option<string?> _format = OptionKinds.OptionalChoice(
        "--format",
        "png, jpg, webp or tiff; jpg cannot hold transparency. [default: by the output's name, else the photo's own]",
        "png",
        "jpg",
        "webp",
        "tiff"
    );

    private readonly Option<int> _quality = OptionKinds.Number(
        "--quality",
        "The quality of jpg and webp, 1 to 100; webp is lossless at 100.",
        95
    );

    private readonly Option<string?> _saveIntermediates = new("--save-intermediates")
    {
        Description =
            "A folder for pictures from the middle of the work: clean photo, condition, weight map, a preview of each step.",
        HelpName = "DIR",
    };

    private readonly Option<bool> _overwrite = new("--overwrite")
    {
        Description = "Replace outputs that are there.",
    };
    private readonly Option<bool> _skip = new("--skip-existing")
    {
        Description = "Leave outputs that are there: goes on where a batch was stopped.",
    };
    private readonly Option<bool> _json = new("--json")
    {
        Description = "One line of JSON for each event, for programs.",
    };

    private RestoreCommand() { }

    /// <summary>The command with its options.</summary>
    public static Command Create()
    {
        var options = new RestoreCommand();
        var restoration = options._restoration;
        var command = new DocumentedCommand(
            "restore",
            "Restores photos: removes noise, blur and artifacts, then regenerates detail."
        )
        {
            Examples =
            [
                "diffbir restore photo.jpg -o restored.png",
                "diffbir restore scans -o restored --task denoise --upscale 1 --skip-existing",
                "diffbir restore portrait.png -o restored --task face --guidance-scale 0.1 --samples 4",
            ],
        };
        command.Add(options._inputs);
        command.Add(options._output);
        command.Add(options._model);
        command.Add("The result", restoration.Everyday);
        command.Add(
            "Files",
            [
                options._format,
                options._quality,
                options._overwrite,
                options._skip,
                options._saveIntermediates,
                options._weights,
                options._json,
            ]
        );
        command.Add("Memory and speed", restoration.Computation);
        command.Add("For experts: generation", restoration.Generation);
        command.Add("For experts: guidance towards the cleaned photo", restoration.Guidance);
        command.SetAction(
            (parsed, cancellation) =>
                Guarded.RunAsync(parsed, options.Run, cancellation, Guarded.SkipExisting)
        );
        return command;
    }

    private int Run(ParseResult parsed, CancellationToken cancellation)
    {
        var pack = PackCatalog.Find(parsed.GetRequiredValue(_model));
        var options = _restoration.Read(parsed, pack);
        RequireQuality(parsed);
        var existing = OutputFiles.Policy(parsed.GetValue(_overwrite), parsed.GetValue(_skip));
        var items = Items(parsed, options);
        using var restorer = new Restorer(pack, options, WeightsFolders(parsed));
        var display = ProgressDisplay.Create(
            parsed.InvocationConfiguration,
            parsed.GetValue(_json),
            items.Count
        );
        return Batch.Run<IReadOnlyList<string>>(
            items,
            existing,
            item => Restore(item, restorer, options, parsed, display, cancellation),
            display.Report,
            cancellation
        );
    }

    private void RequireQuality(ParseResult parsed)
    {
        if (parsed.GetValue(_quality) is < 1 or > 100)
        {
            throw new UsageException(
                $"The quality is {parsed.GetValue(_quality)}; it must be from 1 to 100 (--quality)."
            );
        }
    }

    private IReadOnlyList<string> WeightsFolders(ParseResult parsed) =>
        parsed.GetValue(_weights) is { } folder
            ? [folder, ModelFolder.Default]
            : [ModelFolder.Default];

    private IReadOnlyList<BatchItem> Items(ParseResult parsed, RestorationOptions options)
    {
        var output = parsed.GetRequiredValue(_output);
        var inputs = InputFiles.Collect(parsed.GetRequiredValue(_inputs), exclude: output);
        ImageFormat? format = parsed.GetValue(_format) is { } name
            ? ImageFormats.FromExtension("." + name)
            : null;
        return OutputFiles.Plan(
            inputs,
            output,
            format,
            input => ImageFormats.FromExtension(input.Name) ?? ImageFormat.Png,
            options.Samples
        );
    }

    private IReadOnlyList<string> Restore(
        BatchItem item,
        Restorer restorer,
        RestorationOptions options,
        ParseResult parsed,
        ProgressDisplay display,
        CancellationToken cancellation
    )
    {
        var events = display.Begin(item);
        if (parsed.GetValue(_saveIntermediates) is { } folder)
        {
            var writer = new IntermediateWriter(
                folder,
                Path.GetFileNameWithoutExtension(item.Output)
            );
            events = events with { OnIntermediate = writer.Write };
        }

        var reading = new ImageReadOptions { Storage = Restorer.ImageStorage(options) };
        using var lq = ImageFile.Read(item.Input.Path, reading, cancellation);
        var encoding = new ImageEncoding(ImageFormats.FromExtension(item.Output)!.Value)
        {
            Quality = parsed.GetValue(_quality),
        };
        // At the end, minutes of work would be lost.
        var (height, width) = restorer.OutputSize(lq);
        encoding.Require(height, width, lq.Alpha is not null, item.Input.Path);
        var results = restorer.Restore(lq, events, cancellation);
        foreach (var (result, path) in results.Zip(item.Outputs))
        {
            using (result)
            {
                ImageFile.Write(result, path, encoding, cancellation);
            }
        }

        return item.Outputs;
    }
}
