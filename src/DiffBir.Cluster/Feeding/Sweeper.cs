using DiffBir.Cluster.Jobs;
using DiffBir.Cluster.Queues;
using DiffBir.Cluster.Stores;

namespace DiffBir.Cluster.Feeding;

/// <summary>Removes jobs that the queue has handed out as often as it does: it would keep them for ever.</summary>
internal sealed class Sweeper(FeedPlan plan, FeedParts parts, IStore store)
{
    private const string Name = "feeder";

    private readonly JobRecords _records = new(store);
    private readonly Attempts _attempts = new(store, plan.Batch.Id);

    /// <summary>Removes all of them. What says of a job that it fails becomes its record; without that, it is fed again.</summary>
    public async Task SweepAsync(CancellationToken cancellation)
    {
        var jobs = new List<Job>();
        await foreach (var job in parts.Queue.JobsAsync(plan.Batch.Id, cancellation))
        {
            jobs.Add(job);
        }

        foreach (var job in jobs)
        {
            var attempts = await _attempts.FindAsync(job.Id, cancellation);
            if (Attempts.Verdict(attempts, plan.MaxDeliveries) is { } failure)
            {
                await _records.WriteAsync(
                    new JobRecord
                    {
                        Job = job,
                        Recipe = plan.Batch.Recipe.Hash(),
                        Failure = failure,
                        Worker = Name,
                        Finished = parts.Time.GetUtcNow(),
                    },
                    cancellation
                );
                await store.DeleteFolderAsync(Layout.Work(plan.Batch.Id, job.Id), cancellation);
            }

            await parts.Queue.RemoveAsync(plan.Batch.Id, job.Id, cancellation);
        }
    }
}
