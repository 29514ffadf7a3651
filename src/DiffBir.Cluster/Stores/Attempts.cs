using DiffBir.Cluster.Jobs;

namespace DiffBir.Cluster.Stores;

/// <summary>The tries at a batch's jobs. One that neither ended nor left an error is one that its worker died of, or was cut off in.</summary>
internal sealed class Attempts(IStore store, string batch)
{
    /// <summary>How many workers may die of a photo before it is set aside.</summary>
    public const int MaxDeaths = 3;

    /// <summary>All tries at a job so far, the first one first.</summary>
    public async Task<IReadOnlyList<Attempt>> FindAsync(string job, CancellationToken cancellation)
    {
        var found = new List<Attempt>();
        await foreach (var name in store.ListAsync(Layout.Work(batch, job), cancellation))
        {
            if (
                Layout.IsAttempt(name)
                && await store.ReadAsync(name, cancellation) is { } content
                && ClusterJson.Read<Attempt>(content) is { } attempt
            )
            {
                found.Add(attempt);
            }
        }

        return [.. found.OrderBy(attempt => attempt.Started)];
    }

    /// <summary>Notes a try, before anything is done that may kill.</summary>
    public Task BeginAsync(string job, Attempt attempt, CancellationToken cancellation) =>
        store.TryWriteAsync(Layout.Attempt(batch, job, attempt.Id), ClusterJson.Write(attempt), cancellation);

    /// <summary>Notes that a try ended with an error, which the next one may not meet.</summary>
    public async Task FailAsync(string job, Attempt attempt, string error, CancellationToken cancellation)
    {
        await ForgetAsync(job, attempt, cancellation);
        await BeginAsync(job, attempt with { Error = error }, cancellation);
    }

    /// <summary>Forgets a try that was given up in order.</summary>
    public Task ForgetAsync(string job, Attempt attempt, CancellationToken cancellation) =>
        store.DeleteAsync(Layout.Attempt(batch, job, attempt.Id), cancellation);

    /// <summary>Why a job gets no more tries; null where it does.</summary>
    /// <param name="attempts">All tries so far.</param>
    /// <param name="maxErrors">How many of them may end with an error.</param>
    public static JobFailure? Verdict(IReadOnlyList<Attempt> attempts, int maxErrors)
    {
        List<Attempt> deaths = [.. attempts.Where(attempt => attempt.Error is null)];
        if (deaths.Count >= MaxDeaths)
        {
            var workers = string.Join(", ", deaths.Select(attempt => attempt.Worker).Distinct());
            return new JobFailure(
                FailureKind.SetAside,
                $"{deaths.Count} workers ended in the middle of it ({workers}). It is set aside; to try it again: diffbir cluster retry.",
                attempts
            );
        }

        return attempts.LastOrDefault(attempt => attempt.Error is not null) is { } last && attempts.Count >= maxErrors
            ? new JobFailure(FailureKind.Passing, $"It failed {attempts.Count} times, at last so: {last.Error}", attempts)
            : null;
    }
}
