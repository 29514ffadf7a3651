using DiffBir.Cluster.Jobs;
using DiffBir.Cluster.Queues;
using DiffBir.Cluster.Stores;

namespace DiffBir.Cluster.Working;

/// <summary>The batches that a worker takes jobs of, and those that it refuses.</summary>
/// <param name="parts">What the worker works with.</param>
/// <param name="open">What does the jobs of a batch.</param>
/// <param name="events">Hears what is taken and what is refused.</param>
internal sealed class BatchList(WorkerParts parts, Func<BatchDescription, JobRun> open, WorkEvents events)
{
    private readonly Dictionary<string, string?> _verdicts = []; // the engine's, which reads weights for it
    private readonly Dictionary<string, string> _refused = [];
    private readonly Dictionary<string, AcceptedBatch> _accepted = [];
    private List<AcceptedBatch> _gone = []; // from the queue, with photos that still run
    private readonly Lock _lock = new();

    /// <summary>Those that it takes jobs of.</summary>
    public IReadOnlyList<AcceptedBatch> Accepted
    {
        get
        {
            lock (_lock)
            {
                return [.. _accepted.Values];
            }
        }
    }

    /// <summary>Those that it does not take, each with the reason.</summary>
    public IReadOnlyDictionary<string, string> Refused
    {
        get
        {
            lock (_lock)
            {
                return new Dictionary<string, string>(_refused);
            }
        }
    }

    /// <summary>Looks which there are now.</summary>
    /// <exception cref="QueueException">The queue does not answer.</exception>
    public async Task LookAsync(CancellationToken cancellation)
    {
        var batches = await parts.Queue.BatchesAsync(cancellation);
        foreach (var batch in batches)
        {
            await SettleAsync(batch, await RefusalAsync(batch, cancellation));
        }

        _gone.AddRange(Accepted.ExceptBy(batches.Select(batch => batch.Id), accepted => accepted.Batch.Id));
        foreach (var gone in _gone)
        {
            await EndAsync(gone, cancellation);
        }

        _gone = _gone.FindAll(gone => gone.IsRunning);
        Forget(batches.Select(batch => batch.Id).ToHashSet());
    }

    private async Task<string?> RefusalAsync(BatchDescription batch, CancellationToken cancellation)
    {
        if (!_verdicts.TryGetValue(batch.Id, out var verdict))
        {
            // Reads weights, at most once for each model.
            verdict = await Task.Run(() => parts.Engine.Refusal(batch, cancellation), cancellation);
            _verdicts[batch.Id] = verdict;
        }

        return verdict ?? await AbsenceAsync(batch, cancellation);
    }

    /// <summary>
    /// Why results would not get to where the feeder looks for them: a folder that is not mounted can be made and filled like any
    /// other. Null where its mark is there.
    /// </summary>
    private async Task<string?> AbsenceAsync(BatchDescription batch, CancellationToken cancellation)
    {
        try
        {
            return await IsMarkedAsync(batch, cancellation)
                ? null
                : $"its output {batch.Output} is not what the feeder sees under this name, as the mark of the batch is missing there. Mount the same folder on all machines, or name the same bucket.";
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Photos in work may take hours, and the place be back by then.
            return IsAccepted(batch) ? null : $"its output {batch.Output} cannot be reached: {error.Message}";
        }
    }

    private Task<bool> IsMarkedAsync(BatchDescription batch, CancellationToken cancellation) =>
        parts.Places.StoreOf(batch).ExistsAsync(Layout.Mark(batch.Id), cancellation);

    private bool IsAccepted(BatchDescription batch) => Accepted.Any(accepted => accepted.Batch.Id == batch.Id);

    private async Task SettleAsync(BatchDescription batch, string? refusal)
    {
        AcceptedBatch? before;
        lock (_lock)
        {
            before = _accepted.GetValueOrDefault(batch.Id);
            if (refusal is null ? before is not null : _refused.GetValueOrDefault(batch.Id) == refusal)
            {
                return;
            }

            _refused.Remove(batch.Id);
            _accepted.Remove(batch.Id);
            if (refusal is null)
            {
                _accepted[batch.Id] = new AcceptedBatch(batch, open(batch));
            }
            else
            {
                _refused[batch.Id] = refusal;
            }
        }

        events.OnTell(refusal is null ? $"Batch {batch.Id} is taken." : $"Batch {batch.Id} is refused: {refusal}");
        await (before?.WithdrawAsync() ?? Task.CompletedTask);
    }

    /// <summary>Gives up what runs of a batch that nobody wants any more. A queue that only lost it leaves the mark where it was.</summary>
    private async Task EndAsync(AcceptedBatch batch, CancellationToken cancellation)
    {
        try
        {
            if (!await IsMarkedAsync(batch.Batch, cancellation))
            {
                await batch.WithdrawAsync();
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Who cannot look goes on: its work may be wanted.
        }
    }

    private void Forget(HashSet<string> there)
    {
        lock (_lock)
        {
            _verdicts.Keys.Except(there).ToList().ForEach(id => _verdicts.Remove(id));
            _accepted.Keys.Except(there).ToList().ForEach(id => _accepted.Remove(id));
            _refused.Keys.Except(there).ToList().ForEach(id => _refused.Remove(id));
        }
    }
}

/// <summary>A batch that a worker takes jobs of.</summary>
/// <param name="batch">The batch.</param>
/// <param name="run">What does its jobs.</param>
[System.Diagnostics.CodeAnalysis.SuppressMessage(
    "Design",
    "CA1001",
    Justification = "Without a timer or a wait handle a source holds nothing; photos may still run when the batch is forgotten."
)]
internal sealed class AcceptedBatch(BatchDescription batch, JobRun run)
{
    private readonly CancellationTokenSource _withdrawn = new();
    private int _running;

    /// <summary>The batch.</summary>
    public BatchDescription Batch => batch;

    /// <summary>Whether a job of it is being done.</summary>
    public bool IsRunning => Volatile.Read(ref _running) > 0;

    /// <summary>Does a job, unless nobody wants its result any more.</summary>
    /// <param name="lease">The job.</param>
    /// <param name="slot">Which of the worker's slots does it.</param>
    /// <param name="giveUp">Hands it back.</param>
    public async Task RunAsync(ILease lease, int slot, CancellationToken giveUp)
    {
        Interlocked.Increment(ref _running);
        try
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(giveUp, _withdrawn.Token);
            await run.RunAsync(lease, slot, either.Token);
        }
        finally
        {
            Interlocked.Decrement(ref _running);
        }
    }

    /// <summary>Says that nobody wants its results any more.</summary>
    public Task WithdrawAsync() => _withdrawn.CancelAsync();
}
