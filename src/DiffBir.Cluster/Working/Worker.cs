using System.Collections.Concurrent;
using DiffBir.Cluster.Jobs;
using DiffBir.Cluster.Queues;

namespace DiffBir.Cluster.Working;

/// <summary>Takes jobs of all batches that it may take, until it is told to end.</summary>
internal sealed class Worker
{
    private readonly WorkerParts _parts;
    private readonly WorkerOptions _options;
    private readonly WorkEvents _events;
    private readonly BatchList _batches;
    private readonly ConcurrentDictionary<int, Job> _running = [];
    private readonly ConcurrentDictionary<string, JobProgress> _progress = [];
    private volatile bool _isDraining;
    private volatile bool _isCutOff;
    private long _done;

    public Worker(WorkerParts parts, WorkerOptions options, WorkEvents events)
    {
        (_parts, _options, _events) = (parts, options, events);
        var heard = events with
        {
            OnProgress = (job, progress) =>
            {
                _progress[job.Input.Path] = progress;
                events.OnProgress(job, progress);
            },
        };
        _batches = new BatchList(parts, batch => new JobRun(parts, options, heard, batch), events);
    }

    /// <summary>What it says of itself.</summary>
    public WorkerState State =>
        new()
        {
            Name = _options.Name,
            Slots = _options.Slots,
            Running = [.. _running.Values.Select(job => job.Input.Path)],
            Progress = new Dictionary<string, JobProgress>(_progress),
            Done = Interlocked.Read(ref _done),
            IsDraining = _isDraining,
            Refused = _batches.Refused,
        };

    /// <summary>Works.</summary>
    /// <param name="stop">Drains it: it takes no more, goes on with its photos for a while, and hands back what is not done.</param>
    public async Task RunAsync(CancellationToken stop)
    {
        using var end = new CancellationTokenSource();
        using var giveUp = new CancellationTokenSource();
        await using var drain = stop.Register(() =>
        {
            _isDraining = true;
            giveUp.CancelAfter(_options.DrainTime);
        });
        var answers = Until(() => _parts.Queue.AnswerAsync(() => State, end.Token), end.Token);
        var look = Until(() => LookAsync(stop), stop);
        await Task.WhenAll(Enumerable.Range(0, _options.Slots).Select(slot => WorkAsync(slot, stop, giveUp.Token)));
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
                    _events.OnTell($"{error.Message} The worker waits.");
                    _isCutOff = true;
                }

                await Task.Delay(_options.Look, _parts.Time, stop).ContinueWith(_ => { }, TaskScheduler.Default);
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
        await _batches.LookAsync(stop);
        await Task.Delay(_options.Look, _parts.Time, stop);
    }

    private Task WorkAsync(int slot, CancellationToken stop, CancellationToken giveUp) =>
        Until(
            async () =>
            {
                var accepted = _batches.Accepted;
                if (accepted.Count == 0)
                {
                    await Task.Delay(_options.Patience, _parts.Time, stop);
                }

                // Batches in turn. None is waited for while another may have jobs.
                var patience = accepted.Count > 1 ? TimeSpan.Zero : _options.Patience;
                var isIdle = true;
                foreach (var batch in accepted)
                {
                    if (
                        !stop.IsCancellationRequested && await _parts.Queue.TakeAsync(batch.Batch.Id, patience, stop) is { } lease
                    )
                    {
                        isIdle = false;
                        await DoAsync(lease, batch, slot, giveUp);
                    }
                }

                if (isIdle && accepted.Count > 1)
                {
                    await Task.Delay(_options.Look, _parts.Time, stop);
                }
            },
            stop
        );

    private async Task DoAsync(ILease lease, AcceptedBatch batch, int slot, CancellationToken giveUp)
    {
        if (lease.Job is { Input: not null } job)
        {
            _running[slot] = job;
        }

        try
        {
            await batch.RunAsync(lease, slot, giveUp);
            Interlocked.Increment(ref _done);
        }
        finally
        {
            if (_running.TryRemove(slot, out var done))
            {
                _progress.TryRemove(done.Input.Path, out _);
            }
        }
    }
}
