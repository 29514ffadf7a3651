using DiffBir.Cluster.Jobs;
using DiffBir.Cluster.Observing;
using DiffBir.Cluster.Queues;
using DiffBir.Cluster.Stores;

namespace DiffBir.Cluster.Working;

/// <summary>What a worker does with one job: from the queue to its record.</summary>
internal sealed class JobRun
{
    private readonly WorkerParts _parts;
    private readonly WorkerOptions _options;
    private readonly WorkEvents _events;
    private readonly BatchDescription _batch;
    private readonly IStore _store;
    private readonly JobRecords _records;
    private readonly Attempts _attempts;

    public JobRun(WorkerParts parts, WorkerOptions options, WorkEvents events, BatchDescription batch)
    {
        (_parts, _options, _events, _batch) = (parts, options, events, batch);
        _store = parts.Places.StoreOf(batch);
        _records = new JobRecords(_store);
        _attempts = new Attempts(_store, batch.Id);
    }

    /// <summary>Does a job, or finds out that nothing is left to do.</summary>
    /// <param name="lease">The job.</param>
    /// <param name="slot">The worker's slot.</param>
    /// <param name="cancellation">Gives it up and hands it back.</param>
    public async Task RunAsync(ILease lease, int slot, CancellationToken cancellation)
    {
        if (lease.Job is not { Id: not null, Input: not null, Outputs.Count: > 0 } job)
        {
            await lease.CompleteAsync(cancellation); // nothing that a feeder wrote
            return;
        }

        using var end = new CancellationTokenSource();
        var heartbeat = KeepAsync(lease, end.Token);
        try
        {
            var start = _parts.Time.GetTimestamp();
            using var work = ClusterTelemetry.Work(_batch.Id, job.ShortId, lease.TraceParent);
            var outcome = await TryAsync(lease, job, slot, cancellation);
            ClusterTelemetry.End(work, outcome, _parts.Time.GetElapsedTime(start));
        }
        finally
        {
            await end.CancelAsync();
            await heartbeat;
        }
    }

    /// <returns>What came of it, in a word.</returns>
    private async Task<string> TryAsync(ILease lease, Job job, int slot, CancellationToken cancellation)
    {
        var attempt = new Attempt(Guid.NewGuid().ToString("N"), _options.Name, _parts.Time.GetUtcNow());
        try
        {
            var done = await _records.FindAsync(job, cancellation);
            if (done is null && await RecordAsync(job, attempt, slot, cancellation) is { } record)
            {
                done = await _records.WriteAsync(record, cancellation);
                _events.OnRecord(done);
            }

            await _events.OnStep(WorkStep.Recorded, job);
            await EndAsync(lease, job);
            return OutcomeOf(done);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            if (await EndIfDoneAsync(lease, job) is { } done)
            {
                return OutcomeOf(done);
            }

            await _attempts.ForgetAsync(job.Id, attempt, CancellationToken.None);
            await lease.HandBackAsync(TimeSpan.Zero, CancellationToken.None);
            return "handed back";
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            if (await EndIfDoneAsync(lease, job) is { } done)
            {
                return OutcomeOf(done);
            }

            await PassAsync(lease, job, attempt, error);
            return "passed on";
        }
    }

    private static string OutcomeOf(JobRecord? done) => done?.Failure is null ? "restored" : "failed";

    /// <summary>Ends a job that somebody else has done, who has taken away what this worker works with; null where nobody has.</summary>
    private async Task<JobRecord?> EndIfDoneAsync(ILease lease, Job job)
    {
        if (await DoneAsync(job) is not { } done)
        {
            return null;
        }

        _events.OnRecord(done);
        await EndAsync(lease, job);
        return done;
    }

    /// <summary>What is to be recorded of a job; null where the results' commit has recorded it.</summary>
    private async Task<JobRecord?> RecordAsync(Job job, Attempt attempt, int slot, CancellationToken cancellation)
    {
        var record = new JobRecord
        {
            Job = job,
            Recipe = _batch.Recipe.Hash(),
            Worker = _options.Name,
            Finished = _parts.Time.GetUtcNow(),
        };
        if (Attempts.Verdict(await _attempts.FindAsync(job.Id, cancellation), int.MaxValue) is { } verdict)
        {
            return record with { Failure = verdict };
        }

        await _attempts.BeginAsync(job.Id, attempt, cancellation);
        await _events.OnStep(WorkStep.Begun, job);
        List<string> drafts = [.. job.Outputs.Select(_ => _store.NewDraft(Layout.Work(_batch.Id, job.Id)))];
        try
        {
            using var photo =
                await FetchAsync(job, cancellation) ?? throw new PermanentException($"{job.Input.Path} is missing.");
            var task = new JobTask(_batch, job, photo.Path, drafts, slot)
            {
                Report = progress => _events.OnProgress(job, progress),
            };
            using (ClusterTelemetry.Part("restore"))
            {
                // On a thread of its own: the signs of life need those of the pool.
                await Task.Factory.StartNew(
                    () => _parts.Engine.Run(task, cancellation),
                    cancellation,
                    TaskCreationOptions.LongRunning,
                    TaskScheduler.Default
                );
            }

            await _events.OnStep(WorkStep.Made, job);
            record = record with { Finished = _parts.Time.GetUtcNow() };
            _events.OnRecord(await new Committer(_store, _batch.Id, _events).CommitAsync(record, drafts, cancellation));
            return null;
        }
        catch (PermanentException failure)
        {
            return record with { Failure = new JobFailure(FailureKind.Permanent, failure.Message, []) };
        }
        finally
        {
            drafts.ForEach(File.Delete);
        }
    }

    private async Task<LocalPhoto?> FetchAsync(Job job, CancellationToken cancellation)
    {
        using var fetch = ClusterTelemetry.Part("fetch");
        return await _parts.Places.FetchAsync(job.Input.Path, cancellation);
    }

    /// <summary>What failed now may succeed later, here or elsewhere.</summary>
    private async Task PassAsync(ILease lease, Job job, Attempt attempt, Exception error)
    {
        _events.OnTell($"Job {job.ShortId}: {Unnamed(job, error.Message)} It is tried again.");
        try
        {
            await _attempts.FailAsync(job.Id, attempt, error.Message, CancellationToken.None);
        }
        catch (Exception other) when (other is IOException or UnauthorizedAccessException)
        {
            // Where nothing can be written, no error can be noted; the try is not a death all the same.
            await _attempts.ForgetAsync(job.Id, attempt, CancellationToken.None);
        }

        await lease.HandBackAsync(_options.RetryDelay, CancellationToken.None);
    }

    private async Task EndAsync(ILease lease, Job job)
    {
        await _store.DeleteFolderAsync(Layout.Work(_batch.Id, job.Id), CancellationToken.None);
        await lease.CompleteAsync(CancellationToken.None);
    }

    private async Task<JobRecord?> DoneAsync(Job job)
    {
        try
        {
            return await _records.FindAsync(job, CancellationToken.None);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    // A worker's words may be logged, and names of photos say something about their owner.
    private static string Unnamed(Job job, string message) =>
        job.Outputs.Aggregate(
            message.Replace(job.Input.Path, "the photo", StringComparison.Ordinal),
            (text, output) => text.Replace(output, "the result", StringComparison.Ordinal)
        );

    private async Task KeepAsync(ILease lease, CancellationToken end)
    {
        using var timer = new PeriodicTimer(_options.Heartbeat, _parts.Time);
        try
        {
            while (await timer.WaitForNextTickAsync(end))
            {
                await ExtendAsync(lease, end);
            }
        }
        catch (OperationCanceledException)
        {
            // The job has ended.
        }
    }

    private static async Task ExtendAsync(ILease lease, CancellationToken end)
    {
        try
        {
            await lease.ExtendAsync(end);
        }
        catch (QueueException)
        {
            // Cut off: the job may go to somebody else, and the first to commit wins.
        }
    }
}
