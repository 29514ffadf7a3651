using System.CommandLine;
using System.CommandLine.Completions;
using DiffBir.Cli.Clusters;
using DiffBir.Cli.Display;
using DiffBir.Cli.Files;
using DiffBir.Cli.Usage;
using DiffBir.Cluster.Jobs;
using DiffBir.Cluster.Places;
using DiffBir.Cluster.Restoring;
using DiffBir.Faces;
using DiffBir.Hosting;
using DiffBir.Imaging;
using DiffBir.Options;
using DiffBir.Packs;
using DiffBir.Restoration;

namespace DiffBir.Cli.Commands;

/// <summary><c>diffbir restore</c>: the main job.</summary>
internal sealed class RestoreCommand
{
    private readonly RestoreOptions _restoration = new();
    private readonly ClusterRestore _cluster = new();

    private readonly Argument<string[]> _inputs;

    private readonly Option<string> _output = OptionKinds.Output(
        "The restored photo, or a folder for several; - is the standard output, which then has the picture alone.",
        "OUT",
        mayBeStream: true
    );

    private readonly Option<bool> _dryRun = new("--dry-run")
    {
        Description = "Only say what would be restored, to where and how large, and how long it will take.",
    };

    private readonly Option<string> _model = new("--model")
    {
        Description = $"The model: {string.Join(", ", PackCatalog.Names)}, or a folder with a model.json.",
        DefaultValueFactory = _ => PackCatalog.Mini,
        HelpName = "NAME",
        CompletionSources = { _ => PackCatalog.Names.Select(name => new CompletionItem(name)) },
    };

    private readonly Option<string?> _weights = new("--weights")
    {
        Description = "The folder with the model's files. [default: where `diffbir models pull` puts them]",
        HelpName = "DIR",
    };

    private readonly Option<string?> _saveIntermediates = OptionKinds.Target(
        "--save-intermediates",
        "A folder for pictures from the middle of the work: clean photo, condition, weight map, a preview of each step.",
        "DIR"
    );

    private readonly Option<bool> _fullPreviews = new("--full-previews")
    {
        Description =
            "Decode the previews of --save-intermediates in full: sharp and as large as the result, but each takes as long as the last step of all.",
    };

    private readonly Option<string?> _faceLandmarks = new($"--{FaceLandmarksFile.Option}")
    {
        Description =
            "Faces of one photo that you marked, instead of finding them. The JSON file has five points [x, y] for each: eyes, nose, corners of the mouth.",
        HelpName = "FILE",
    };

    private readonly Option<bool> _overwrite = new("--overwrite") { Description = "Replace outputs that are there." };
    private readonly Option<bool> _skip = new("--skip-existing")
    {
        Description = "Leave outputs that are there: goes on where a batch was stopped.",
    };
    private readonly Option<bool> _json = new("--json") { Description = "One line of JSON for each event, for programs." };

    private RestoreCommand(Argument<string[]> inputs) => _inputs = inputs;

    /// <summary>The command with its options.</summary>
    public static DocumentedCommand Create()
    {
        var inputs = OptionKinds.Inputs(
            "INPUT",
            "Photos, and folders of photos (searched recursively); - is one photo from the standard input."
        );
        var command = new DocumentedCommand(
            "restore",
            "Restores photos: removes noise, blur and artifacts, then regenerates detail."
        )
        {
            Examples =
            [
                "diffbir restore photo.jpg -o restored.png",
                "diffbir restore scans -o restored --task denoise --upscale 1 --skip-existing",
                "diffbir restore group.jpg -o restored.png --faces",
                "diffbir restore portrait.png -o restored --task face --guidance-scale 0.1 --samples 4",
                "diffbir restore archive -o restored --cluster nats://queue.example.org",
            ],
        };
        command.Add(inputs);
        command.AddLater(() => new RestoreCommand(inputs).AddTo(command));
        return command;
    }

    private void AddTo(DocumentedCommand command)
    {
        command.Add(_output);
        command.Add(_model);
        Add(command, OptionGroup.Result);
        Add(command, OptionGroup.Faces, [_faceLandmarks]);
        Add(command, OptionGroup.Files, [_overwrite, _skip, _dryRun, _saveIntermediates, _fullPreviews, _weights, _json]);
        Add(command, OptionGroup.Computation);
        Add(command, OptionGroup.Generation);
        Add(command, OptionGroup.Guidance);
        Add(command, OptionGroup.OneStep);
        command.Add("Many machines", _cluster.All);
        command.SetAction(
            (parsed, cancellation) =>
                _cluster.Cluster.IsAskedFor(parsed)
                    ? CommandErrors.RunAsync(parsed, RunOnClusterAsync, cancellation, ClusterRestore.GoOn(parsed))
                    : CommandErrors.RunAsync(parsed, Run, cancellation, CommandErrors.SkipExisting)
        );
    }

    private void Add(DocumentedCommand command, OptionGroup group, params IEnumerable<Option> others) =>
        command.Add(group.Title(), _restoration.Of(group).Concat(others));

    private int Run(ParseResult parsed, CancellationToken cancellation)
    {
        using var libraries = LibrariesAhead.Begin();
        _cluster.ValidateAbsence(parsed);
        var pack = PackCatalog.Find(parsed.GetRequiredValue(_model));
        var request = _restoration.Read(parsed, pack);
        var existing = OutputFiles.Policy(parsed.GetValue(_overwrite), parsed.GetValue(_skip));
        var items = Items(parsed, request, existing);
        var intermediates = Intermediates(parsed, items);
        using var restorer = Prepare(parsed, pack, request, items.Count);
        DeviceText.WriteNotice(request.Options.Engine, parsed.InvocationConfiguration.Error);
        if (parsed.GetValue(_dryRun))
        {
            var plan = new DryRun(pack, request, restorer as Restorer, WeightsFolders(parsed));
            return plan.Run(
                items,
                existing,
                new DryRunDisplay(parsed.InvocationConfiguration, parsed.GetValue(_json)),
                cancellation
            );
        }

        var photos = new BatchSize(items.Count, items.Count(item => !Batch.IsDone(item, existing)));
        var display = ProgressDisplay.Create(Messages(parsed), parsed.GetValue(_json), photos, TimeProvider.System);
        var work = new PhotoRestoration(restorer, request, display);
        return display.Run(() => Batch.Run(items, existing, Restore, display, cancellation));

        RestoredPhoto Restore(BatchItem item) =>
            work.Restore(
                item,
                events => events with { OnIntermediate = intermediates(item), FullPreviews = parsed.GetValue(_fullPreviews) },
                cancellation
            );
    }

    /// <summary>Where messages go: nowhere but to the error stream while the standard output has the picture.</summary>
    private InvocationConfiguration Messages(ParseResult parsed)
    {
        var all = parsed.InvocationConfiguration;
        return StandardStreams.Is(parsed.GetRequiredValue(_output)) ? new() { Output = all.Error, Error = all.Error } : all;
    }

    private async Task<int> RunOnClusterAsync(ParseResult parsed, CancellationToken cancellation)
    {
        ValidateForCluster(parsed);
        var name = parsed.GetRequiredValue(_model);
        var pack = PackCatalog.Find(name);
        var request = _restoration.Read(parsed, pack);
        var (inputs, output) = (parsed.GetRequiredValue(_inputs), parsed.GetRequiredValue(_output));
        var existing = OutputFiles.Policy(parsed.GetValue(_overwrite), parsed.GetValue(_skip));
        using var places = ClusterPlaces.FromEnvironment(Path.GetTempPath());
        var photos = BucketPhotos.Are(inputs, output)
            ? await new BucketPhotos(places, input => request.Format ?? FormatOf(input), request.Options.Samples).FindAsync(
                inputs,
                output,
                cancellation
            )
            : ClusterPhotos.Of(inputs, output, existing, files => Plan(parsed, request, files));
        Prepare(parsed, pack, request, photos.Count).Dispose(); // validates what was asked for
        var options = request.Options;
        var weights = new PackFingerprint(WeightsFolders(parsed)).Of(pack, options.Task, options.Faces, cancellation);
        var work = new ClusterWork(
            inputs,
            photos,
            existing,
            new Recipe
            {
                Version = ClusterVersion.Current,
                Model = PackCatalog.Names.Contains(name) ? name : Path.GetFullPath(name),
                Weights = weights,
                Options = new SortedDictionary<string, string>(_restoration.Given(parsed), StringComparer.Ordinal),
            }
        );
        var display = new ClusterDisplay(
            parsed.InvocationConfiguration,
            parsed.GetValue(_json),
            work.Batch,
            photos.Count,
            TimeProvider.System
        );
        var failed = await _cluster.RunAsync(parsed, work, places, display, cancellation);
        display.Conclude((int)failed, photos.Count);
        return ExitCode.Of((int)failed);
    }

    /// <summary>Rejects what workers cannot do, or decide themselves.</summary>
    private void ValidateForCluster(ParseResult parsed)
    {
        Option[] local = [_dryRun, _saveIntermediates, _fullPreviews, _faceLandmarks];
        if (local.FirstOrDefault(option => parsed.GetResult(option) is { Implicit: false }) is { } given)
        {
            throw new UsageException(
                $"{given.Name} is for restorations on this machine. Leave out one of {given.Name} and --cluster."
            );
        }

        if (parsed.GetRequiredValue(_inputs).Append(parsed.GetRequiredValue(_output)).Any(StandardStreams.Is))
        {
            throw new UsageException("Workers see no pipe of this machine. Name files and folders that all machines see.");
        }

        if (_restoration.Given(parsed).Keys.FirstOrDefault(MachineOptions.Names.Contains) is { } ofMachine)
        {
            throw new UsageException($"--{ofMachine} is decided by each worker of a cluster. Give it to diffbir worker.");
        }
    }

    private IReadOnlyList<string> WeightsFolders(ParseResult parsed) =>
        parsed.GetValue(_weights) is { } folder ? [folder, ModelFolder.Default] : [ModelFolder.Default];

    private IPhotoRestorer Prepare(ParseResult parsed, ModelPack pack, RestorationRequest request, int photos)
    {
        var folders = WeightsFolders(parsed);
        var settings = request.Settle(pack);
        if (parsed.GetValue(_faceLandmarks) is { } file)
        {
            return photos == 1
                ? new FaceRestorer(pack, settings, folders).Of(FaceLandmarksFile.Read(file))
                : throw new OptionException(
                    $"The file of --{FaceLandmarksFile.Option} has the faces of one photo, but {photos} are to be restored. Restore one at a time, or let faces be found (--faces).",
                    FaceLandmarksFile.Option
                );
        }

        var given = _restoration.Of(OptionGroup.Faces).FirstOrDefault(option => parsed.GetResult(option) is { Implicit: false });
        return given is null || settings.Faces.Restore
            ? PhotoRestorer.Create(pack, settings, folders)
            : throw new OptionException(
                $"{given.Name} is for faces in a whole photo. Let them be found (--faces), or name the file with their points (--{FaceLandmarksFile.Option}).",
                FaceLandmarksFile.Option
            );
    }

    private IReadOnlyList<BatchItem> Items(ParseResult parsed, RestorationRequest request, Existing existing)
    {
        var output = parsed.GetRequiredValue(_output);
        var given = parsed.GetRequiredValue(_inputs);
        if (BucketPhotos.Are(given, output))
        {
            throw new UsageException(
                "Photos in buckets are restored by workers, and results put there by them. Name the cluster (--cluster)."
            );
        }

        var streamed = StandardStreams.Inputs(given);
        var inputs = streamed ?? InputFiles.Collect(given, exclude: output);
        if (StandardStreams.Is(output))
        {
            return StandardStreams.Output(inputs, request.Options.Samples, existing);
        }

        if (streamed is not null && (Directory.Exists(output) || ImageFormats.FromOutputName(output) is null))
        {
            throw new UsageException(
                $"A photo from the standard input has no name that its result in the folder {output} could have. Name the file (-o)."
            );
        }

        return Plan(parsed, request, inputs);
    }

    private static ImageFormat FormatOf(InputFile input) => ImageFormats.FromExtension(input.Name)?.OfResult() ?? ImageFormat.Png;

    private IReadOnlyList<BatchItem> Plan(ParseResult parsed, RestorationRequest request, IReadOnlyList<InputFile> inputs) =>
        OutputFiles.Plan(inputs, parsed.GetRequiredValue(_output), request.Format, FormatOf, request.Options.Samples);

    /// <summary>What writes the pictures from the middle of an image's work; null where nobody asked for them.</summary>
    private Func<BatchItem, Action<Intermediate>?> Intermediates(ParseResult parsed, IReadOnlyList<BatchItem> items)
    {
        if (parsed.GetValue(_saveIntermediates) is not { } folder)
        {
            return _ => null;
        }

        OutputFolder.Validate(folder);
        var kept = new KeptInputs(items.Select(item => item.Input));
        return item => new IntermediateWriter(folder, item.Stem, item.Outputs.Count, kept).Write;
    }
}
