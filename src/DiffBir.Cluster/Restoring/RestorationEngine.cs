using System.Collections.Concurrent;
using DiffBir.Cluster.Jobs;
using DiffBir.Cluster.Places;
using DiffBir.Cluster.Working;
using DiffBir.Faces;
using DiffBir.Imaging;
using DiffBir.Options;
using DiffBir.Packs;
using DiffBir.Restoration;

namespace DiffBir.Cluster.Restoring;

/// <summary>Restores photos, as <c>diffbir restore</c> does. Networks stay loaded from one photo to the next of the same recipe.</summary>
internal sealed class RestorationEngine : IJobEngine, IDisposable
{
    private readonly string _version;
    private readonly IReadOnlyList<string> _weightsFolders;
    private readonly IReadOnlyDictionary<string, string> _computation;
    private readonly PackFingerprint _fingerprint;
    private readonly TimeProvider _time;
    private readonly MeasuredSpeeds _speeds = new();
    private readonly ConcurrentDictionary<int, Warm> _warm = [];

    /// <summary>Prepares an engine; nothing is loaded yet.</summary>
    /// <param name="version">Version of the program.</param>
    /// <param name="weightsFolders">Where the models' files are, besides their own folders.</param>
    /// <param name="computation">Options that are this machine's matter: device, threads, memory.</param>
    /// <param name="time">The clock.</param>
    public RestorationEngine(
        string version,
        IReadOnlyList<string> weightsFolders,
        IReadOnlyDictionary<string, string> computation,
        TimeProvider time
    )
    {
        (_version, _weightsFolders, _computation, _time) = (version, weightsFolders, computation, time);
        _fingerprint = new PackFingerprint(weightsFolders);
    }

    /// <inheritdoc/>
    public string? Refusal(BatchDescription batch, CancellationToken cancellation)
    {
        var recipe = batch.Recipe;
        if (recipe.Version != _version)
        {
            return $"it was made by version {recipe.Version}, and this worker is {_version}. Install the same version on all machines.";
        }

        if (!ClusterPlaces.IsBucket(batch.Output) && !Path.IsPathFullyQualified(batch.Output))
        {
            return $"its output {batch.Output} is no folder that this machine knows, and no bucket.";
        }

        try
        {
            var pack = PackCatalog.Find(recipe.Model);
            var request = Request(recipe, pack);
            request.Settle(pack);
            MarkedFaces(recipe);
            return _fingerprint.Of(pack, request.Options.Task, request.Options.Faces, cancellation) == recipe.Weights
                ? null
                : $"its model {recipe.Model} has other weights here. Put the same files on all machines: diffbir models verify {recipe.Model}.";
        }
        catch (DiffBirException wrong)
        {
            return wrong.Message;
        }
    }

    /// <inheritdoc/>
    public void Run(JobTask task, CancellationToken cancellation)
    {
        try
        {
            Restore(task, cancellation);
        }
        catch (ImageException wrong)
            when (wrong.InnerException is IOException or UnauthorizedAccessException or OutOfMemoryException)
        {
            if (!File.Exists(task.Photo))
            {
                throw new PermanentException($"{task.Job.Input.Path} is missing.", wrong);
            }

            throw new IOException(Named(task, wrong.Message), wrong);
        }
        catch (Exception wrong) when (wrong is ImageException or OptionException)
        {
            throw new PermanentException(Named(task, wrong.Message), wrong);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var warm in _warm.Values)
        {
            warm.Restorer.Dispose();
        }
    }

    private void Restore(JobTask task, CancellationToken cancellation)
    {
        var warm = WarmOf(task);
        var restorer = warm.Marked is { } faces && warm.Restorer is FaceRestorer of ? of.Of(faces) : warm.Restorer;
        using var lq = ImageFile.Read(task.Photo, restorer.ReadOptions with { Page = warm.Request.Page }, cancellation);
        var encodings = task.Job.Outputs.Select(output => EncodingOf(output, warm.Request)).ToList();
        var (height, width) = restorer.OutputSize(lq);
        encodings[0].Validate(height, width, lq.Alpha is not null, task.Photo);
        var remaining = new RemainingTime(count => restorer.Work(lq, count), _speeds, _time);
        var events = new RestorationEvents { OnProgress = progress => task.Report(Of(progress, remaining.After(progress))) };
        var results = restorer.Restore(lq, events, cancellation);
        remaining.EndStage();
        foreach (var ((result, draft), encoding) in results.Zip(task.Drafts).Zip(encodings))
        {
            using (result)
            {
                ImageFile.Write(result, draft, encoding, cancellation);
            }
        }
    }

    private static JobProgress Of(RestorationProgress progress, WorkEstimate estimate) =>
        new(progress.Stage, progress.Step, progress.Steps, estimate.Fraction, estimate.SecondsLeft)
        {
            Face = progress.Face,
            Faces = progress.Faces,
        };

    // A copy of the photo on this machine is nobody's business.
    private static string Named(JobTask task, string message) =>
        message.Replace(task.Photo, task.Job.Input.Path, StringComparison.Ordinal);

    private static ImageEncoding EncodingOf(string output, RestorationRequest request) =>
        ImageFormats.FromOutputName(output) is { } format
            ? new ImageEncoding(format) { Quality = request.Quality }
            : throw new PermanentException($"{output} is not named like a {ImageFormats.WrittenNames} file.");

    private Warm WarmOf(JobTask task)
    {
        var recipe = task.Batch.Recipe.Hash();
        if (_warm.TryGetValue(task.Slot, out var warm) && warm.Recipe == recipe)
        {
            return warm;
        }

        warm?.Restorer.Dispose();
        var pack = PackCatalog.Find(task.Batch.Recipe.Model);
        var request = Request(task.Batch.Recipe, pack);
        var restorer = PhotoRestorer.Create(pack, request.Settle(pack), _weightsFolders);
        return _warm[task.Slot] = new Warm(recipe, request, restorer, MarkedFaces(task.Batch.Recipe));
    }

    private RestorationRequest Request(Recipe recipe, ModelPack pack)
    {
        var options = recipe.Options.Where(option => option.Key != FaceLandmarksFile.Option);
        var request = RestorationRequest.Read(options.Concat(_computation), pack);
        var all = request.Options;
        // Whoever marks faces wants them restored.
        return recipe.Options.ContainsKey(FaceLandmarksFile.Option)
            ? request with
            {
                Options = all with { Faces = all.Faces with { Restore = true } },
            }
            : request;
    }

    private static IReadOnlyList<FaceLandmarks>? MarkedFaces(Recipe recipe) =>
        recipe.Options.TryGetValue(FaceLandmarksFile.Option, out var json)
            ? FaceLandmarksFile.Parse(json, $"the option {FaceLandmarksFile.Option}")
            : null;

    /// <summary>What is loaded in a slot.</summary>
    /// <param name="Recipe">Hash of the recipe.</param>
    /// <param name="Request">What it asks for.</param>
    /// <param name="Restorer">The networks.</param>
    /// <param name="Marked">The faces that somebody marked; null where they are found, or not restored.</param>
    private sealed record Warm(
        string Recipe,
        RestorationRequest Request,
        IPhotoRestorer Restorer,
        IReadOnlyList<FaceLandmarks>? Marked
    );
}
