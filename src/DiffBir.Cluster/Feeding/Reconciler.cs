using DiffBir.Cluster.Jobs;
using DiffBir.Cluster.Stores;

namespace DiffBir.Cluster.Feeding;

/// <summary>Finds out what is left of a photo: inputs less results.</summary>
internal sealed class Reconciler(FeedPlan plan, IPhotoSource photos, IStore store)
{
    private readonly JobRecords _records = new(store);
    private readonly string _recipe = plan.Batch.Recipe.Hash();

    /// <summary>Looks at one photo.</summary>
    /// <param name="item">The photo.</param>
    /// <param name="retries">Whether what failed for a passing reason is tried again.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>What became of it, or the job that is left to do.</returns>
    public async Task<(FeedResult? Result, Job? Job)> LookAsync(FeedItem item, bool retries, CancellationToken cancellation)
    {
        if (item.Problem is { } problem)
        {
            return (new FeedResult(item, null, problem), null);
        }

        var record = await _records.FindAsync(item.Outputs[0], cancellation);
        Job job;
        try
        {
            if (await photos.FindAsync(item.Input, cancellation) is not { } photo)
            {
                return (new FeedResult(item, null, "The file is missing, or it is a folder."), null);
            }

            job = await JobOfAsync(item, photo, record, cancellation);
        }
        catch (Exception error) when (error is (IOException and not PlaceAwayException) or UnauthorizedAccessException)
        {
            return (new FeedResult(item, null, $"It could not be read: {error.Message}"), null);
        }

        return record is not null && record.Job.Id == job.Id
            ? await OwnAsync(item, record, retries, cancellation)
            : await ForeignAsync(item, job, record, cancellation);
    }

    private async Task<Job> JobOfAsync(FeedItem item, PhotoState photo, JobRecord? record, CancellationToken cancellation)
    {
        var (size, modified) = (photo.Size, photo.Modified);
        var known = record is { Job.Input: { } input } && input.IsStill(item.Input, size, modified) ? input.Sha256 : null;
        var sha256 = plan.ByContent ? known ?? await photos.Sha256Async(item.Input, cancellation) : null;
        return Job.Of(new JobInput(item.Input, size, modified, sha256), item.Outputs, _recipe);
    }

    private async Task<(FeedResult?, Job?)> OwnAsync(
        FeedItem item,
        JobRecord record,
        bool retries,
        CancellationToken cancellation
    )
    {
        var holds = record.Failure switch
        {
            null => await AllAsync(item.Outputs, cancellation),
            { Kind: FailureKind.Passing } => !retries,
            _ => true,
        };
        if (holds)
        {
            return (new FeedResult(item, record, record.Failure?.Message), null);
        }

        await _records.DeleteAsync(item.Outputs[0], cancellation);
        return (null, record.Job);
    }

    private async Task<(FeedResult?, Job?)> ForeignAsync(
        FeedItem item,
        Job job,
        JobRecord? record,
        CancellationToken cancellation
    )
    {
        foreach (var output in item.Outputs)
        {
            if (!await store.ExistsAsync(output, cancellation) || await IsPromisedAsync(job, output, cancellation))
            {
                continue;
            }

            switch (plan.Foreign)
            {
                case ForeignResults.Skip:
                    return (new FeedResult(item, null, null), null);
                case ForeignResults.Refuse:
                    return (new FeedResult(item, null, $"{output} is already there. Use --overwrite or --skip-existing."), null);
                default:
                    await store.DeleteAsync(output, cancellation);
                    break;
            }
        }

        if (record is not null)
        {
            await _records.DeleteAsync(item.Outputs[0], cancellation);
        }

        return (null, job);
    }

    /// <summary>Whether a result without a record is this job's, whose worker has not come to the record.</summary>
    private async Task<bool> IsPromisedAsync(Job job, string output, CancellationToken cancellation)
    {
        await foreach (var _ in store.ListAsync(Layout.Work(plan.Batch.Id, job.Id), cancellation))
        {
            var sha256 = await store.Sha256Async(output, cancellation);
            return await store.ExistsAsync(Layout.Promise(plan.Batch.Id, job.Id, sha256), cancellation);
        }

        return false;
    }

    private async Task<bool> AllAsync(IReadOnlyList<string> outputs, CancellationToken cancellation)
    {
        foreach (var output in outputs)
        {
            if (!await store.ExistsAsync(output, cancellation))
            {
                return false;
            }
        }

        return true;
    }
}
