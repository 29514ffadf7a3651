using DiffBir.Cluster.Feeding;
using DiffBir.Cluster.Jobs;
using DiffBir.Cluster.Places;
using DiffBir.Cluster.Queues;
using DiffBir.Cluster.Restoring;
using DiffBir.Cluster.Stores;
using DiffBir.Faces;
using DiffBir.Files;
using DiffBir.Imaging;
using DiffBir.Packs;
using DiffBir.Server.Storage;
using DiffBir.Server.Workers;

namespace DiffBir.Cli.Clusters;

/// <summary>
/// Lets a cluster restore the photos of a server. Each is a batch of its own in a folder of its own, named by the server's job: who
/// asks for it again finds its result, or the workers at it.
/// </summary>
/// <param name="parts">The queue, and where places are.</param>
/// <param name="place">The place of the folders, which all machines see.</param>
/// <param name="weights">Hashes of models.</param>
/// <param name="tell">Hears sentences for who runs the server; none names a photo.</param>
internal sealed class ClusterRestorer(FeedParts parts, string place, PackFingerprint weights, Action<string> tell)
    : IRemoteRestorer
{
    private const string PhotoName = "photo";
    private const string ResultName = "result";

    private static readonly QueueRules Rules = new();

    /// <inheritdoc/>
    public async Task<RemoteResult> RestoreAsync(
        RemoteJob job,
        Action<DiffBir.Server.Jobs.JobProgress> report,
        CancellationToken cancellation
    )
    {
        var folder = ClusterPlaces.PathOf(place, job.Name);
        var item = new FeedItem(
            ClusterPlaces.PathOf(folder, PhotoName + job.PhotoFormat.Extension()),
            [ResultName + job.ResultFormat.Extension()]
        );
        await PutAsync(job, folder, cancellation);
        var batch = BatchDescription.Of([folder], folder, RecipeOf(job, cancellation));
        var plan = new FeedPlan
        {
            Batch = batch,
            Items = () => new[] { item }.ToAsyncEnumerable(),
            MaxDeliveries = Rules.MaxDeliveries,
        };
        var display = new PhotoDisplay(item.Input, batch.Id, report, tell);
        await new Feeder(plan, parts, display).RunAsync(cancellation);
        return display.Result is { Failure: null, Record.Results: [var result] }
            ? await FetchAsync(folder, result, cancellation)
            : throw FailureOf(display.Result, item.Input);
    }

    /// <inheritdoc/>
    public async Task TidyAsync(string folder, Func<string, bool> isWanted, CancellationToken cancellation)
    {
        var store = parts.Places.StoreAt(place);
        var (jobs, batches) = (new HashSet<string>(), new HashSet<string>());
        await foreach (var file in store.ListAsync(folder, cancellation))
        {
            // SERVER/JOB/…
            var job = string.Join('/', file.Split('/').Take(2));
            if (!isWanted(job))
            {
                jobs.Add(job);
                _ = Layout.BatchOfMark(file) is { } batch && batches.Add(batch);
            }
        }

        foreach (var job in jobs)
        {
            await store.DeleteFolderAsync(job, cancellation);
        }

        foreach (var batch in batches)
        {
            await parts.Queue.CloseAsync(batch, cancellation);
        }
    }

    private async Task PutAsync(RemoteJob job, string folder, CancellationToken cancellation)
    {
        var store = parts.Places.StoreAt(folder);
        var draft = store.NewDraft(Layout.Drafts);
        try
        {
            File.Copy(job.Photo, draft);
            // Where it is there already, this job was handed out before.
            await store.TryCommitAsync(draft, PhotoName + job.PhotoFormat.Extension(), cancellation);
        }
        finally
        {
            File.Delete(draft);
        }
    }

    private Recipe RecipeOf(RemoteJob job, CancellationToken cancellation)
    {
        var (pack, settings) = (job.Wanted.Pack, job.Wanted.Settings);
        return new Recipe
        {
            Version = ClusterVersion.Current,
            Model = pack.Folder is { } folder && !PackCatalog.Names.Contains(pack.Name) ? folder : pack.Name,
            Weights = weights.Of(pack, settings.Task, settings.Faces, cancellation),
            Options = new SortedDictionary<string, string>(job.Options.ToDictionary(), StringComparer.Ordinal),
        };
    }

    private async Task<RemoteResult> FetchAsync(string folder, ResultFile result, CancellationToken cancellation)
    {
        var copy =
            await parts.Places.FetchAsync(ClusterPlaces.PathOf(folder, result.Name), cancellation)
            ?? throw new FileNotFoundException("A result was taken away before the server had it.");
        if (FileHash.Sha256(copy.Path, cancellation) != result.Sha256)
        {
            copy.Dispose();
            throw new IOException("A result has other bytes than its worker recorded.");
        }

        return new RemoteResult(copy.Path, copy);
    }

    private static Exception FailureOf(FeedResult? result, string photo) =>
        result?.Record?.Failure switch
        {
            { Kind: FailureKind.Permanent } failure => new RemoteException(
                JobErrorCode.ImageBroken,
                failure.Message.Replace(photo, "The photo", StringComparison.Ordinal)
            ),
            { Kind: FailureKind.SetAside } => new RemoteException(
                JobErrorCode.Interrupted,
                $"{Attempts.MaxDeaths} workers ended while they worked on this photo. Try a smaller photo or a smaller upscale."
            ),
            _ => new IOException(result?.Failure ?? "A batch ended without a word about its photo."),
        };

    /// <summary>Hears how one photo goes on.</summary>
    private sealed class PhotoDisplay(
        string photo,
        string batch,
        Action<DiffBir.Server.Jobs.JobProgress> report,
        Action<string> tell
    ) : IFeedDisplay
    {
        private readonly HashSet<string> _refused = [];

        public FeedResult? Result { get; private set; }

        public void Show(FeedProgress progress)
        {
            foreach (var worker in progress.Workers)
            {
                if (worker.Progress.GetValueOrDefault(photo) is { } how)
                {
                    report(
                        new(how.Stage, how.Step, how.Steps, how.Fraction, how.SecondsLeft) { Face = how.Face, Faces = how.Faces }
                    );
                }
                else if (worker.Refused.GetValueOrDefault(batch) is { } refusal && _refused.Add(worker.Name))
                {
                    tell($"The worker {worker.Name} refuses batch {batch}: {refusal}");
                }
            }

            if (progress is { Queue.Waiting: > 0, Workers.Count: 0 } && _refused.Add(""))
            {
                tell("A photo waits, and no worker answers. Start some: diffbir worker --cluster URL.");
            }
        }

        public void Tell(string sentence) => tell(sentence);

        public void Report(FeedResult result) => Result = result;
    }
}
