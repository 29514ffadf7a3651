using System.Collections.Concurrent;
using DiffBir.Cluster.Jobs;
using DiffBir.Cluster.Queues;

namespace DiffBir.Cluster.Working;

/// <summary>Takes jobs of all batches that it may take, until it is told to end.</summary>
internal sealed class Worker(WorkerParts parts, WorkerOptions options, WorkEvents events)
{
    private readonly ConcurrentDictionary<int, Job> _running = [];
    private readonly Dictionary<string, string> _refused = [];
    private readonly Dictionary<string, JobRun> _accepted = [];
    private readonly Lock _lock = new();
    private volatile bool _isDraining;
    private volatile bool _isCutOff;
    private long _done;

    /// <summary>What it says of itself.</summary>
    public WorkerState State
    {
        get
        {
            lock (_lock)
            {
                return new WorkerState
                {
                    Name = options.Name,
                    Slots = options.Slots,
                    Running = [.. _running.Values.Select(job => job.Input.Path)],
                    Done = Interlocked.Read(ref _done),
                    IsDraining = _isDraining,
                    Refused = new Dictionary<string, string>(_refused),
                };
            }
        }
    }

    /// <summary>Works.</summary>
    /// <param name="stop">Drains it: it takes no more, goes on with its photos for a while, and hands back what is not done.</param>
    public async Task RunAsync(CancellationToken stop)
    {
        using var end = new CancellationTokenSource();
        using var giveUp = new CancellationTokenSource();
        await using var drain = stop.Register(() =>
        {
            _isDraining = true;
            giveUp.CancelAfter(options.DrainTime);
        });
        var answers = Until(() => parts.Queue.AnswerAsync(() => State, end.Token), end.Token);
        var look = Until(() => LookAsync(stop), stop);
        await Task.WhenAll(Enumerable.Range(0, options.Slots).Select(slot => WorkAsync(slot, stop, giveUp.Token)));
        await look;
        await end.CancelAsync();
        await answers;
    }

    /// <summary>Does something again and again until it is stopped, whether the queue answers or not.</summary>
    private async Task Until(Func<Task> act, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await act();
                _isCutOff = false;
            }
            catch (Exception error) when (IsPassing(error))
            {
                if (!_isCutOff)
                {
                    events.OnTell($"{error.Message} The worker waits.");
                    _isCutOff = true;
                }

                await Task.Delay(options.Look, parts.Time, stop).ContinueWith(_ => { }, TaskScheduler.Default);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                // Told to end.
            }
        }
    }

    private static bool IsPassing(Exception error) =>
        error is QueueException or IOException or UnauthorizedAccessException or DiffBirException;

    private async Task LookAsync(CancellationToken stop)
    {
        var batches = await parts.Queue.BatchesAsync(stop);
        foreach (var batch in batches.Where(IsNew))
        {
            // Reads weights, at most once for each model.
            var refusal = await Task.Run(() => parts.Engine.Refusal(batch, stop), stop);
            lock (_lock)
            {
                if (refusal is null)
                {
                    _accepted[batch.Id] = new JobRun(parts, options, events, batch);
                }
                else
                {
                    _refused[batch.Id] = refusal;
                }
            }

            events.OnTell(refusal is null ? $"Batch {batch.Id} is taken." : $"Batch {batch.Id} is refused: {refusal}");
        }

        lock (_lock)
        {
            var there = batches.Select(batch => batch.Id).ToHashSet();
            _accepted.Keys.Except(there).ToList().ForEach(id => _accepted.Remove(id));
            _refused.Keys.Except(there).ToList().ForEach(id => _refused.Remove(id));
        }

        await Task.Delay(options.Look, parts.Time, stop);
    }

    private bool IsNew(BatchDescription batch)
    {
        lock (_lock)
        {
            return !_accepted.ContainsKey(batch.Id) && !_refused.ContainsKey(batch.Id);
        }
    }

    private Task WorkAsync(int slot, CancellationToken stop, CancellationToken giveUp) =>
        Until(
            async () =>
            {
                List<KeyValuePair<string, JobRun>> accepted;
                lock (_lock)
                {
                    accepted = [.. _accepted];
                }

                if (accepted.Count == 0)
                {
                    await Task.Delay(options.Patience, parts.Time, stop);
                }

                foreach (var (batch, run) in accepted)
                {
                    if (!stop.IsCancellationRequested && await parts.Queue.TakeAsync(batch, options.Patience, stop) is { } lease)
                    {
                        await DoAsync(lease, run, slot, giveUp);
                    }
                }
            },
            stop
        );

    private async Task DoAsync(ILease lease, JobRun run, int slot, CancellationToken giveUp)
    {
        if (lease.Job is { Input: not null } job)
        {
            _running[slot] = job;
        }

        try
        {
            await run.RunAsync(lease, slot, giveUp);
            Interlocked.Increment(ref _done);
        }
        finally
        {
            _running.TryRemove(slot, out _);
        }
    }
}
