using DiffBir.Cluster.Jobs;
using DiffBir.Cluster.Observing;
using DiffBir.Cluster.Stores;
using DiffBir.Files;

namespace DiffBir.Cluster.Working;

/// <summary>Makes drafts results: the first one to commit wins, and who comes later changes nothing.</summary>
/// <remarks>
/// Promise, result, record, in this order. Whoever finds a result without a record looks for the promise of its content: with one
/// it is this job's, whose worker ended before the record, and the record is completed; without one it is somebody else's file.
/// </remarks>
internal sealed class Committer(IStore store, string batch, WorkEvents events)
{
    private readonly JobRecords _records = new(store);

    /// <summary>Commits a job's results.</summary>
    /// <param name="record">What will be recorded of them.</param>
    /// <param name="drafts">The results, one for each of the job's outputs.</param>
    /// <param name="cancellation">Ends it between two of them.</param>
    /// <returns>What is recorded now, by whomever.</returns>
    /// <exception cref="PermanentException">Something else has the name of a result.</exception>
    public async Task<JobRecord> CommitAsync(JobRecord record, IReadOnlyList<string> drafts, CancellationToken cancellation)
    {
        using var commit = ClusterTelemetry.Part("commit");
        var job = record.Job;
        var (results, ours) = (new List<ResultFile>(), new List<string>());
        foreach (var (draft, name) in drafts.Zip(job.Outputs))
        {
            var sha256 = FileHash.Sha256(draft, cancellation);
            await store.TryWriteAsync(Layout.Promise(batch, job.Id, sha256), new byte[1], cancellation);
            if (await store.TryCommitAsync(draft, name, cancellation))
            {
                ours.Add(name);
            }
            else if (await _records.FindAsync(job, cancellation) is { } done)
            {
                return done;
            }
            else
            {
                sha256 = await PromisedAsync(job, name, cancellation);
            }

            results.Add(new ResultFile(name, sha256));
        }

        await events.OnStep(WorkStep.Committed, job);
        var recorded = await _records.WriteAsync(record with { Results = results }, cancellation);
        if (recorded.Failure is not null)
        {
            // It was given up meanwhile; what is recorded holds.
            foreach (var name in ours)
            {
                await store.DeleteAsync(name, cancellation);
            }
        }

        return recorded;
    }

    private async Task<string> PromisedAsync(Job job, string name, CancellationToken cancellation)
    {
        var there = await store.Sha256Async(name, cancellation);
        return await store.ExistsAsync(Layout.Promise(batch, job.Id, there), cancellation)
            ? there
            : throw new PermanentException(
                $"{name} is already there, and no result of this batch. Use --overwrite or --skip-existing."
            );
    }
}
