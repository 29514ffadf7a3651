using DiffBir.Cluster.Jobs;
using DiffBir.Cluster.Observing;
using DiffBir.Cluster.Queues;
using DiffBir.Cluster.Stores;

namespace DiffBir.Cluster.Feeding;

/// <summary>
/// Feeds a batch until each of its photos has a record: what has none goes into the queue, again and again. A queue that was
/// wiped costs repeated work, never a photo.
/// </summary>
internal sealed class Feeder
{
    private readonly FeedPlan _plan;
    private readonly FeedParts _parts;
    private readonly IFeedDisplay _display;
    private readonly IStore _store;
    private readonly Reconciler _reconciler;
    private readonly Sweeper _sweeper;
    private FeedProgress _progress = new(0, 0, 0, 0, null);
    private bool _isCutOff;

    public Feeder(FeedPlan plan, FeedParts parts, IFeedDisplay display)
    {
        (_plan, _parts, _display) = (plan, parts, display);
        _store = parts.Places.StoreOf(plan.Batch);
        _reconciler = new Reconciler(plan, parts.Places, _store);
        _sweeper = new Sweeper(plan, parts, _store);
    }

    private string Batch => _plan.Batch.Id;

    /// <summary>Feeds, waits, and reports what became of each photo.</summary>
    /// <param name="cancellation">Stops it; the workers go on.</param>
    /// <returns>How many photos failed.</returns>
    /// <exception cref="StoreException">The output cannot hold results.</exception>
    public async Task<long> RunAsync(CancellationToken cancellation)
    {
        await _store.ValidateAsync(cancellation);
        try
        {
            await OpenAsync(cancellation);
            while (await PassAsync(cancellation) > 0)
            {
                await EmptyAsync(cancellation);
            }

            await WhenReachable(() => _parts.Queue.CloseAsync(Batch, cancellation), cancellation);
            await WhenReachable(() => _store.DeleteFolderAsync(Layout.Work(Batch), cancellation), cancellation);
            return await ReportAsync(cancellation);
        }
        catch (OperationCanceledException) when (_plan.WithdrawsOnStop)
        {
            await _parts.Queue.CloseAsync(Batch, CancellationToken.None);
            throw;
        }
    }

    /// <summary>Goes through all photos once.</summary>
    /// <returns>How many had to be fed.</returns>
    private async Task<long> PassAsync(CancellationToken cancellation)
    {
        _progress = _progress with { Pass = _progress.Pass + 1, Looked = 0, Done = 0, Failed = 0 };
        long fed = 0;
        var next = _parts.Time.GetUtcNow();
        await foreach (var item in _plan.Items().WithCancellation(cancellation))
        {
            cancellation.ThrowIfCancellationRequested();
            var (result, job) = await LookAsync(item, retries: _progress.Pass == 1, cancellation);
            if (job is not null)
            {
                await FeedAsync(job, cancellation);
                fed++;
            }

            _progress = _progress with
            {
                Looked = _progress.Looked + 1,
                Done = _progress.Done + (result is { Failure: null } ? 1 : 0),
                Failed = _progress.Failed + (result is { Failure: not null } ? 1 : 0),
            };
            if (_parts.Time.GetUtcNow() >= next)
            {
                await LookAsync(cancellation);
                next = _parts.Time.GetUtcNow() + _plan.Look;
            }
        }

        return fed;
    }

    private async Task FeedAsync(Job job, CancellationToken cancellation)
    {
        using var feed = ClusterTelemetry.Feed(Batch, job.ShortId);
        while (true)
        {
            switch (await WhenReachable(() => _parts.Queue.EnqueueAsync(Batch, job, cancellation), cancellation))
            {
                case Enqueued.NoBatch:
                    await OpenAsync(cancellation);
                    break;
                case Enqueued.Full:
                    await LookAsync(cancellation);
                    await Task.Delay(_plan.Look, _parts.Time, cancellation);
                    break;
                default:
                    return;
            }
        }
    }

    /// <summary>Waits until nothing of the batch is in the queue, or the queue has lost it.</summary>
    private async Task EmptyAsync(CancellationToken cancellation)
    {
        while (await LookAsync(cancellation) is { All: > 0 })
        {
            await Task.Delay(_plan.Look, _parts.Time, cancellation);
        }

        await OpenAsync(cancellation);
    }

    private async Task OpenAsync(CancellationToken cancellation)
    {
        await MarkAsync(cancellation);
        await WhenReachable(() => _parts.Queue.OpenAsync(_plan.Batch, cancellation), cancellation);
    }

    /// <summary>Sees to the mark without which no worker takes the batch: another feeder of it may have ended.</summary>
    private async Task MarkAsync(CancellationToken cancellation)
    {
        var mark = Layout.Mark(Batch);
        if (!await WhenReachable(() => _store.ExistsAsync(mark, cancellation), cancellation))
        {
            await WhenReachable(() => _store.TryWriteAsync(mark, new byte[1], cancellation), cancellation);
        }
    }

    /// <summary>Looks how far the queue is, sweeps it where nothing else moves, and shows it.</summary>
    private async Task<QueueState?> LookAsync(CancellationToken cancellation)
    {
        await MarkAsync(cancellation);
        var state = await WhenReachable(() => _parts.Queue.StateAsync(Batch, cancellation), cancellation);
        if (state is { IsExhausted: true })
        {
            await WhenReachable(() => _sweeper.SweepAsync(cancellation), cancellation);
        }

        var workers = await WhenReachable(() => _parts.Queue.WorkersAsync(cancellation), cancellation);
        _progress = _progress with
        {
            Queue = state is null ? null : new QueueCount(state.Waiting, state.Running),
            Workers = workers,
        };
        _display.Show(_progress);
        return state;
    }

    private async Task<long> ReportAsync(CancellationToken cancellation)
    {
        long failed = 0;
        await foreach (var item in _plan.Items().WithCancellation(cancellation))
        {
            var (result, _) = await LookAsync(item, retries: false, cancellation);
            result ??= new FeedResult(item, null, "Its result was taken away while the batch ended. Start the batch again.");
            failed += result.Failure is null ? 0 : 1;
            _display.Report(result);
        }

        return failed;
    }

    private Task<(FeedResult? Result, Job? Job)> LookAsync(FeedItem item, bool retries, CancellationToken cancellation) =>
        WhenReachable(() => _reconciler.LookAsync(item, retries, cancellation), cancellation);

    /// <summary>Asks the queue, or the store, until it answers.</summary>
    private async Task<T> WhenReachable<T>(Func<Task<T>> ask, CancellationToken cancellation)
    {
        while (true)
        {
            try
            {
                var answer = await ask();
                if (_isCutOff)
                {
                    _display.Tell("It goes on.");
                    _isCutOff = false;
                }

                return answer;
            }
            catch (Exception error) when (error is QueueException or IOException or UnauthorizedAccessException)
            {
                if (!_isCutOff)
                {
                    var what =
                        error is QueueException
                            ? error.Message
                            : $"Photos or results cannot be reached now ({error.Message.TrimEnd('.')}).";
                    _display.Tell($"{what} What is done is not lost; waiting.");
                    _isCutOff = true;
                }

                await Task.Delay(_plan.Look, _parts.Time, cancellation);
            }
        }
    }

    private Task<bool> WhenReachable(Func<Task> ask, CancellationToken cancellation) =>
        WhenReachable(
            async () =>
            {
                await ask();
                return true;
            },
            cancellation
        );
}
