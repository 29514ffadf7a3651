using System.CommandLine;
using DiffBir.Cli.Display;
using DiffBir.Cli.Files;
using DiffBir.Cli.Usage;
using DiffBir.Degradation;
using DiffBir.Imaging;
using DiffBir.Randomness;

namespace DiffBir.Cli.Commands;

/// <summary><c>diffbir degrade</c>: makes test sets.</summary>
internal sealed class DegradeCommand
{
    private const long DefaultSeed = 231;

    private readonly Argument<string[]> _inputs;

    private readonly Option<string> _output = OptionKinds.Output("The degraded image, or a folder for several.", "OUT");

    private readonly Option<string> _family = new("--family")
    {
        Description = string.Join(" ", DegradationPreset.All.Select(preset => $"{preset.Name}: {preset.Summary}.")),
        DefaultValueFactory = _ => DegradationPreset.All[0].Name,
    };

    private readonly Option<string?> _severity = new("--severity")
    {
        Description = "A part of the family's range: mild, medium or heavy; the whole range if not given.",
    };

    private readonly Option<long> _seed = OptionKinds.Number(
        "--seed",
        "The same seed and file name give the same result, whatever else is in the batch.",
        DefaultSeed
    );

    private readonly Option<double> _scale = OptionKinds.Number(
        "--scale",
        "How many times smaller the result is, 1 to 16; for testing an upscaling.",
        1.0
    );

    private readonly Option<string?> _clean = OptionKinds.Target(
        "--clean",
        "A folder for the clean images that belong to the results: cropped to a multiple of the scale, sharpened if --sharpen.",
        "DIR"
    );

    private readonly Option<bool> _sharpen = new("--sharpen")
    {
        Description = "Sharpen the clean image first, as the training of realesrgan does.",
    };

    private readonly Option<string?> _format = new("--format")
    {
        Description = "png, jpg, webp or tiff; png if the output's name does not say.",
    };

    private readonly Option<bool> _overwrite = new("--overwrite") { Description = "Replace outputs that are there." };
    private readonly Option<bool> _skip = new("--skip-existing") { Description = "Leave outputs that are there." };
    private readonly Option<bool> _json = new("--json") { Description = "One line of JSON for each image." };

    private DegradeCommand(Argument<string[]> inputs)
    {
        _inputs = inputs;
        _family.AcceptOnlyFromAmong([.. DegradationPreset.Names]);
        _severity.AcceptOnlyFromAmong("mild", "medium", "heavy");
        _format.AcceptOnlyFromAmong("png", "jpg", "webp", "tiff");
    }

    /// <summary>The command with its options.</summary>
    public static Command Create()
    {
        var inputs = OptionKinds.Inputs("INPUT", "Clean images, and folders of them (searched recursively).");
        var command = new DocumentedCommand("degrade", "Makes bad photos from good ones, for tests and training.") { inputs };
        command.AddLater(() => new DegradeCommand(inputs).AddTo(command));
        return command;
    }

    private void AddTo(Command command)
    {
        Option[] options = [_output, _family, _severity, _seed, _scale, _clean, _sharpen, _format, _overwrite, _skip, _json];
        foreach (var option in options)
        {
            command.Add(option);
        }

        command.SetAction(
            (parsed, cancellation) => CommandErrors.RunAsync(parsed, Run, cancellation, CommandErrors.SkipExisting)
        );
    }

    private int Run(ParseResult parsed, CancellationToken cancellation)
    {
        var family = Family(parsed);
        family.Validate();
        return Batch.Run(
            Items(parsed),
            OutputFiles.Policy(parsed.GetValue(_overwrite), parsed.GetValue(_skip)),
            item => Degrade(item, family, parsed.GetValue(_seed), cancellation),
            new DegradeDisplay(parsed.InvocationConfiguration, parsed.GetValue(_json)),
            cancellation
        );
    }

    private DegradationFamily Family(ParseResult parsed)
    {
        Severity? severity = parsed.GetValue(_severity) is { } name ? Enum.Parse<Severity>(name, ignoreCase: true) : null;
        var family = DegradationPreset.Find(parsed.GetRequiredValue(_family))!.For(severity); // other names are refused before
        var sharpen = parsed.GetValue(_sharpen);
        family = family.WithCleanSharpened(sharpen) ?? (sharpen ? throw NothingToSharpen() : family);
        return family with { Shrink = parsed.GetValue(_scale) };
    }

    private static UsageException NothingToSharpen()
    {
        var sharpening = DegradationPreset.All.Where(preset => preset.Whole.WithCleanSharpened(sharpen: true) is not null);
        return new(
            $"--sharpen belongs to --family {string.Join(" or ", sharpening.Select(preset => preset.Name))} only. Leave it out, or change the family."
        );
    }

    /// <summary>Each image with its result and, where asked for, the clean image that belongs to it.</summary>
    private IReadOnlyList<BatchItem> Items(ParseResult parsed)
    {
        var output = parsed.GetRequiredValue(_output);
        var inputs = InputFiles.Collect(parsed.GetRequiredValue(_inputs), exclude: output);
        ImageFormat? format = parsed.GetValue(_format) is { } name ? ImageFormats.FromExtension("." + name) : null;
        var items = OutputFiles.Plan(inputs, output, format, _ => ImageFormat.Png);
        return parsed.GetValue(_clean) is { } folder ? [.. items.Select(item => WithClean(item, output, folder))] : items;
    }

    private static BatchItem WithClean(BatchItem item, string output, string folder)
    {
        // Named like the result, so that `diffbir eval` finds the pairs.
        var name = item.Output == output ? Path.GetFileName(output) : Path.GetRelativePath(output, item.Output);
        var clean = OutputFiles.PathInside(folder, Path.ChangeExtension(name, ".png"));
        return Path.GetFullPath(clean) != Path.GetFullPath(item.Output)
            ? item with
            {
                Outputs = [item.Output, clean],
            }
            : throw new UsageException($"The result and the clean image would both be {clean}. Name another folder (--clean).");
    }

    private static DegradationRecipe Degrade(BatchItem item, DegradationFamily family, long seed, CancellationToken cancellation)
    {
        using var photo = item.Input.Read(null, cancellation);
        var clean = CutToMultiple(photo.Pixels.ToTensor(), family.Shrink);
        var pair = family.Apply(clean, SplitMix64.For(seed, item.Input.Name));
        foreach (var (image01, path) in new[] { pair.Lq, pair.Clean }.Zip(item.Outputs))
        {
            Save(image01, path, photo, cancellation);
        }

        return pair.Recipe;
    }

    /// <summary>Cuts what an upscaling by a whole number could not bring back.</summary>
    private static Tensor CutToMultiple(Tensor image01, double scale)
    {
        var multiple = double.IsInteger(scale) ? (int)scale : 1;
        var (height, width) = (image01.Size(2), image01.Size(3));
        if (height < multiple || width < multiple)
        {
            throw new UsageException($"An image of {width}x{height} cannot become {multiple} times smaller. Lower --scale.");
        }

        return multiple == 1
            ? image01
            : Framing.Crop(image01, new(0, 0, height - (height % multiple), width - (width % multiple)));
    }

    private static void Save(Tensor image01, string path, Photo original, CancellationToken cancellation)
    {
        var format = ImageFormats.FromExtension(path) ?? ImageFormat.Png;
        var encoding = new ImageEncoding(format) { Depth = BitDepth.Eight, Rounding = Rounding.Nearest };
        // The profile says what the numbers mean; camera data and transparency do not describe this picture any more.
        var kind = new Photo(original.Pixels)
        {
            ColorModel = original.ColorModel,
            Metadata = new PhotoMetadata(Icc: original.Metadata.Icc),
        };
        using var photo = kind.WithPixels(PlanarImage.Of(image01));
        ImageFile.Write(photo, path, encoding, cancellation);
    }
}
