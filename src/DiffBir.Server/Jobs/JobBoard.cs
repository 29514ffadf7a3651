using DiffBir.Server.Api;
using DiffBir.Server.Observing;

namespace DiffBir.Server.Jobs;

/// <summary>All jobs: accepts them, hands them to workers in fair order, ends and forgets them. What it says is on disk before it says it.</summary>
internal sealed class JobBoard
{
    private static readonly TimeSpan UsualRun = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private readonly Dictionary<JobId, LiveJob> _live = [];
    private readonly FairQueue<JobId> _queue = new();
    private readonly Dictionary<string, int> _uploads = [];
    private readonly ServerOptions _options;
    private readonly DataFolder _folder;
    private readonly JobStore _store;
    private readonly DiskBudget _budget;
    private readonly TimeProvider _time;
    private readonly ServerMetrics _metrics;
    private TimeSpan _averageRun = UsualRun;
    private long _uploadBytes;

    /// <summary>Goes on where the last server stopped.</summary>
    public JobBoard(
        ServerOptions options,
        DataFolder folder,
        JobStore store,
        DiskBudget budget,
        Recovery recovery,
        TimeProvider time,
        ServerMetrics metrics
    )
    {
        (_options, _folder, _store, _budget) = (options, folder, store, budget);
        (_time, _metrics) = (time, metrics);
        foreach (var job in recovery.Run())
        {
            Enqueue(job);
        }

        Expire();
        metrics.Watch(() => QueueLength, () => store.TotalBytes);
    }

    /// <summary>Beats when a job begins to wait or ceases to: then places in the queue change.</summary>
    public Pulse QueueChanged { get; } = new();

    /// <summary>Jobs that wait.</summary>
    public int QueueLength
    {
        get
        {
            lock (_lock)
            {
                return _queue.Count;
            }
        }
    }

    /// <summary>Keeps a place for an upload.</summary>
    /// <param name="owner">Whose it is.</param>
    /// <param name="bytes">How large it may become.</param>
    /// <exception cref="ApiException">The queue is full, or the owner's part of it, or the disk.</exception>
    public IDisposable Reserve(string owner, long bytes)
    {
        lock (_lock)
        {
            var mine = _queue.CountOf(owner) + _uploads.GetValueOrDefault(owner);
            if (_queue.Count + _uploads.Values.Sum() >= _options.MaxQueue)
            {
                throw Full("The queue is full.");
            }

            if (mine >= Math.Max(1, _options.MaxQueue / 2))
            {
                throw Full("Your own photos fill half of the queue.");
            }

            MakeRoom(bytes);
            _uploads[owner] = _uploads.GetValueOrDefault(owner) + 1;
            _uploadBytes += bytes;
            return new Reservation(this, owner, bytes);
        }
    }

    /// <summary>Accepts a job; its upload becomes the job's.</summary>
    /// <param name="job">The job.</param>
    /// <param name="upload">The uploaded file, complete on disk.</param>
    /// <param name="reservation">The place that was kept for it.</param>
    /// <exception cref="ApiException">The disk is full.</exception>
    public void Accept(Job job, string upload, IDisposable reservation)
    {
        lock (_lock)
        {
            reservation.Dispose();
            MakeRoom(job.Bytes);
            _folder.Adopt(upload, job.Id);
            _store.Save(job);
            Enqueue(job);
        }

        QueueChanged.Beat();
    }

    /// <summary>The job of a name and, while it waits or runs, what else is known of it.</summary>
    /// <exception cref="ApiException">There is none.</exception>
    public (Job Job, LiveJob? Live) Find(JobId id)
    {
        lock (_lock)
        {
            return _live.TryGetValue(id, out var live)
                ? (live.Job, live)
                : (_store.Find(id) ?? throw ApiException.NotFound(), null);
        }
    }

    /// <summary>A job's place in the queue: 1 is next; null where it does not wait.</summary>
    public int? PositionOf(JobId id)
    {
        lock (_lock)
        {
            var place = 0;
            foreach (var waiting in _queue.InOrder())
            {
                place++;
                if (waiting == id)
                {
                    return place;
                }
            }

            return null;
        }
    }

    /// <summary>The next job, as soon as there is one.</summary>
    public async Task<LiveJob> TakeAsync(CancellationToken cancellation)
    {
        while (true)
        {
            var changed = QueueChanged.Next;
            if (TryTake() is { } job)
            {
                QueueChanged.Beat();
                return job;
            }

            await changed.WaitAsync(cancellation);
        }
    }

    /// <summary>Writes down what changed of a running job.</summary>
    public void Update(LiveJob live, Func<Job, Job> change)
    {
        lock (_lock)
        {
            if (live.IsDeleted)
            {
                return;
            }

            live.Job = change(live.Job);
            _store.Save(live.Job);
        }

        live.Changed.Beat();
    }

    /// <summary>Ends a running job.</summary>
    public void Finish(LiveJob live, Func<Job, Job> end)
    {
        lock (_lock)
        {
            _live.Remove(live.Job.Id);
            if (live.IsDeleted)
            {
                _folder.Remove(live.Job.Id);
            }
            else
            {
                End(live, end);
            }
        }

        live.Changed.Beat();
    }

    /// <summary>Ends a job that its owner does not want any more, at once if it waits, else within a step.</summary>
    /// <exception cref="ApiException">There is none.</exception>
    public void Cancel(JobId id)
    {
        LiveJob? live;
        lock (_lock)
        {
            (_, live) = Find(id);
            if (live is null)
            {
                return;
            }

            if (_queue.Remove(id))
            {
                _live.Remove(id);
                End(live, job => job with { State = JobState.Cancelled });
            }

            live.Cancel(delete: false);
        }

        live.Changed.Beat();
        QueueChanged.Beat();
    }

    /// <summary>Forgets a job and all its files; one that runs ends within a step.</summary>
    /// <exception cref="ApiException">There is none.</exception>
    public void Delete(JobId id)
    {
        LiveJob? live;
        lock (_lock)
        {
            (_, live) = Find(id);
            _store.Delete(id);
            _live.Remove(id);
            var runs = live is not null && !_queue.Remove(id);
            live?.Cancel(delete: true);
            if (!runs)
            {
                _folder.Remove(id);
            }
        }

        live?.Changed.Beat();
        QueueChanged.Beat();
    }

    /// <summary>Deletes finished jobs that are too old, and the oldest ones where the files take too much.</summary>
    public void Expire()
    {
        lock (_lock)
        {
            _budget.DeleteBefore(_time.GetUtcNow() - _options.Keep);
            _budget.Trim();
        }
    }

    private LiveJob? TryTake()
    {
        lock (_lock)
        {
            if (!_queue.TryTake(out var id))
            {
                return null;
            }

            var live = _live[id];
            var now = _time.GetUtcNow();
            _metrics.Waited(now - live.Job.Created);
            live.Job = live.Job with { State = JobState.Running, Started = now, Attempts = live.Job.Attempts + 1 };
            _store.Save(live.Job);
            live.Changed.Beat();
            return live;
        }
    }

    private void Enqueue(Job job)
    {
        _live.Add(job.Id, new LiveJob(job));
        _queue.Add(job.Owner, job.Id);
    }

    /// <summary>Writes down the end of a job, and lets go of what is not needed any more.</summary>
    private void End(LiveJob live, Func<Job, Job> end)
    {
        var id = live.Job.Id;
        var job = end(live.Job) with { Finished = _time.GetUtcNow() };
        File.Delete(_folder.Intermediate(id, MiddleImage.Preview));
        job = job with
        {
            Bytes = _folder.SizeOf(id),
            Intermediates = [.. job.Intermediates.Where(kind => kind != MiddleImage.Preview)],
        };
        live.Job = job;
        _store.Save(job);
        _metrics.Ended(job);
        if (job is { State: JobState.Done, Taken: { } taken })
        {
            _averageRun = (_averageRun + taken) / 2;
        }

        _budget.Trim();
    }

    /// <summary>Makes room for a job by removing the oldest finished ones.</summary>
    private void MakeRoom(long bytes)
    {
        if (!_budget.MakeRoom(_uploadBytes + bytes))
        {
            throw new ApiException(
                StatusCodes.Status503ServiceUnavailable,
                ErrorCode.DiskFull,
                "There is no room on the disk for another photo. Try again when others are finished."
            )
            {
                RetryAfter = RetryAfter(),
            };
        }
    }

    private ApiException Full(string reason) =>
        new(StatusCodes.Status429TooManyRequests, ErrorCode.QueueFull, $"{reason} Try again in a moment.")
        {
            RetryAfter = RetryAfter(),
        };

    /// <summary>When a place in the queue becomes free.</summary>
    private TimeSpan RetryAfter()
    {
        var (least, most) = (TimeSpan.FromSeconds(2), TimeSpan.FromMinutes(5));
        var next = _averageRun / _options.Workers;
        return next < least ? least
            : next > most ? most
            : next;
    }

    private void Release(string owner, long bytes)
    {
        lock (_lock)
        {
            _uploadBytes -= bytes;
            if (--_uploads[owner] == 0)
            {
                _uploads.Remove(owner);
            }
        }
    }

    private sealed class Reservation(JobBoard board, string owner, long bytes) : IDisposable
    {
        private bool _isReleased;

        public void Dispose()
        {
            if (!_isReleased)
            {
                _isReleased = true;
                board.Release(owner, bytes);
            }
        }
    }
}
