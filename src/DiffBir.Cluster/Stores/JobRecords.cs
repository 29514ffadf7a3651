using DiffBir.Cluster.Jobs;

namespace DiffBir.Cluster.Stores;

/// <summary>Records of what became of jobs, beside their results.</summary>
internal sealed class JobRecords(IStore store)
{
    /// <summary>What is recorded of a result, by whichever job; null where nothing is, or nothing that can be read.</summary>
    public async Task<JobRecord?> FindAsync(string output, CancellationToken cancellation)
    {
        var content = await store.ReadAsync(Layout.Record(output), cancellation);
        return
            content is not null && ClusterJson.Read<JobRecord>(content) is { Job: { Input: not null, Outputs: not null } } record
            ? record
            : null;
    }

    /// <summary>What is recorded of a job; null where nothing is.</summary>
    public async Task<JobRecord?> FindAsync(Job job, CancellationToken cancellation) =>
        await FindAsync(job.Outputs[0], cancellation) is { } record && record.Job.Id == job.Id ? record : null;

    /// <summary>Records what became of a job, unless that has been done: then nothing is changed.</summary>
    /// <returns>What is recorded now.</returns>
    public async Task<JobRecord> WriteAsync(JobRecord record, CancellationToken cancellation)
    {
        var output = record.Job.Outputs[0];
        while (!await store.TryWriteAsync(Layout.Record(output), ClusterJson.Write(record), cancellation))
        {
            if (await FindAsync(record.Job, cancellation) is { } other)
            {
                return other;
            }

            // What another photo or another recipe left there is out of date.
            await DeleteAsync(output, cancellation);
        }

        return record;
    }

    /// <summary>Forgets what is recorded of a result.</summary>
    public Task DeleteAsync(string output, CancellationToken cancellation) =>
        store.DeleteAsync(Layout.Record(output), cancellation);

    /// <summary>All records of failures.</summary>
    public async IAsyncEnumerable<JobRecord> FailuresAsync(
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation
    )
    {
        await foreach (var name in store.ListAsync(Layout.Records, cancellation))
        {
            var content = await store.ReadAsync(name, cancellation);
            if (content is not null && ClusterJson.Read<JobRecord>(content) is { Failure: not null } record)
            {
                yield return record;
            }
        }
    }
}
