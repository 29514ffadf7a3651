using DiffBir.Restoration;
using DiffBir.Server.Api;
using DiffBir.Server.Configuration;
using DiffBir.Server.Observing;
using DiffBir.Server.Storage;

namespace DiffBir.Server.Jobs;

/// <summary>All jobs: accepts them, hands them to workers in fair order, ends and forgets them. What it says is on disk before it says it.</summary>
/// <remarks>Where the disk or the database refuses, a member throws a <see cref="StorageException"/> and nothing has changed.</remarks>
internal sealed class JobBoard
{
    private static readonly TimeSpan UsualRun = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private readonly Dictionary<JobId, LiveJob> _live = [];
    private readonly FairQueue<JobId> _queue = new();
    private readonly HashSet<UploadSlot> _uploads = [];
    private readonly ServerOptions _options;
    private readonly DataFolder _folder;
    private readonly JobStore _store;
    private readonly DiskBudget _budget;
    private readonly Quarantine _quarantine;
    private readonly TimeProvider _time;
    private readonly ServerMetrics _metrics;
    private TimeSpan _averageRun = UsualRun;
    private bool _isStopping;

    /// <summary>Goes on where the last server stopped.</summary>
    public JobBoard(
        ServerOptions options,
        DataFolder folder,
        JobStore store,
        DiskBudget budget,
        Quarantine quarantine,
        Recovery recovery,
        TimeProvider time,
        ServerMetrics metrics
    )
    {
        (_options, _folder, _store, _budget, _quarantine) = (options, folder, store, budget, quarantine);
        (_time, _metrics) = (time, metrics);
        foreach (var job in recovery.Run())
        {
            Enqueue(job);
        }

        Expire();
        metrics.Watch(() => QueueLength, () => DiskBytes);
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

    /// <summary>Bytes of all files; those of a job that runs are estimated.</summary>
    private long DiskBytes
    {
        get
        {
            lock (_lock)
            {
                return Held + _store.FinishedBytes;
            }
        }
    }

    /// <summary>Bytes that everything unfinished takes; of a job that runs what it may come to take.</summary>
    private long Held => _uploads.Sum(upload => upload.Bytes) + _live.Values.Sum(live => live.Job.HeldBytes);

    /// <summary>Bytes that everything unfinished may come to take.</summary>
    private long Promised => _uploads.Sum(upload => upload.Bytes) + _live.Values.Sum(live => live.Job.Bytes);

    /// <summary>Keeps a place for an upload.</summary>
    /// <param name="address">Where it comes from.</param>
    /// <param name="announced">How large it may become. No room is made before the bytes are there: to announce costs nothing.</param>
    /// <exception cref="OverloadException">The queue is full, or the address's part of it, or the disk with unfinished jobs.</exception>
    public UploadSlot Reserve(string address, long announced)
    {
        lock (_lock)
        {
            if (_queue.Count + _uploads.Count >= _options.MaxQueue)
            {
                throw QueueFull("The queue is full.");
            }

            var mine = _queue.CountOf(address) + _uploads.Count(upload => upload.Address == address);
            if (mine >= Math.Max(1, _options.MaxQueue / 2))
            {
                throw QueueFull("Photos from your address fill half of the queue.");
            }

            RequireRoom(Promised + announced, announced);
            var slot = new UploadSlot(this, address);
            _uploads.Add(slot);
            return slot;
        }
    }

    /// <summary>Makes room for bytes of an upload that have arrived.</summary>
    /// <exception cref="OverloadException">Unfinished jobs fill the disk.</exception>
    public void Arrive(UploadSlot upload, int bytes)
    {
        lock (_lock)
        {
            RequireRoom(Promised + bytes, bytes);
            _budget.MakeRoom(Held + bytes);
            upload.Bytes += bytes;
        }
    }

    /// <summary>Gives an upload's place back.</summary>
    public void Release(UploadSlot upload)
    {
        lock (_lock)
        {
            _uploads.Remove(upload);
        }
    }

    /// <summary>Accepts a job; its upload becomes the job's.</summary>
    /// <param name="job">The job.</param>
    /// <param name="path">The uploaded file, complete on disk.</param>
    /// <param name="slot">The place that was kept for it.</param>
    /// <exception cref="OverloadException">The disk is full of unfinished jobs.</exception>
    public void Accept(Job job, string path, UploadSlot slot)
    {
        lock (_lock)
        {
            _uploads.Remove(slot);
            RequireRoom(Promised + job.Bytes, job.Bytes - job.Input.Bytes);
            try
            {
                _folder.Adopt(path, job.Id);
                _store.Save(job);
            }
            catch
            {
                _folder.Remove(job.Id);
                throw;
            }

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
            if (live.IsDeleted || _isStopping)
            {
                return;
            }

            Save(live, change(live.Job));
        }

        live.Changed.Beat();
    }

    /// <summary>Ends a running job. Watchers look again even where that cannot be written down.</summary>
    public void Finish(LiveJob live, Func<Job, Job> end)
    {
        try
        {
            lock (_lock)
            {
                if (live.IsDeleted)
                {
                    _folder.Remove(live.Job.Id);
                }
                else
                {
                    End(live, end);
                }
            }
        }
        finally
        {
            live.Changed.Beat();
        }
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

            if (live.Job.State == JobState.Queued)
            {
                End(live, job => job with { State = JobState.Cancelled, Finished = _time.GetUtcNow() });
                _queue.Remove(id);
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
            if (live is null)
            {
                _budget.Delete(id);
            }
            else
            {
                _store.Delete(id);
                _live.Remove(id);
                live.Cancel(delete: true);
                if (_queue.Remove(id))
                {
                    _folder.Remove(id); // else the worker does when it has let go
                }
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
            var tooOld = _time.GetUtcNow() - _options.Keep;
            _budget.DeleteBefore(tooOld);
            _quarantine.DeleteBefore(tooOld);
            _budget.MakeRoom(Held);
        }
    }

    /// <summary>
    /// The server stops in order: no job is handed out any more, and those that run begin again at the next start as if this
    /// attempt had not been. Written down at once, as the work may take longer to end than the server is given.
    /// </summary>
    public void Stop()
    {
        lock (_lock)
        {
            _isStopping = true;
            foreach (var job in _live.Values.Select(live => live.Job).Where(job => job.State == JobState.Running))
            {
                _store.Save(job with { State = JobState.Queued, Attempts = job.Attempts - 1 });
            }
        }
    }

    private LiveJob? TryTake()
    {
        lock (_lock)
        {
            if (_isStopping || !_queue.TryPeek(out var id))
            {
                return null;
            }

            var live = _live[id];
            var now = _time.GetUtcNow();
            _budget.MakeRoom(Held - live.Job.HeldBytes + live.Job.Bytes);
            Save(live, live.Job with { State = JobState.Running, Started = now, Attempts = live.Job.Attempts + 1 });
            _queue.TryTake(out _);
            _metrics.Waited(now - live.Job.Created);
            live.Changed.Beat();
            return live;
        }
    }

    private void Enqueue(Job job)
    {
        _live.Add(job.Id, new LiveJob(job));
        _queue.Add(job.Id, job.Address, job.Owner);
    }

    private void Save(LiveJob live, Job job)
    {
        _store.Save(job);
        live.Job = job;
    }

    /// <summary>Writes down the end of a job, and lets go of what is not needed any more.</summary>
    private void End(LiveJob live, Func<Job, Job> end)
    {
        var id = live.Job.Id;
        var job = end(live.Job);
        StorageException.Guard(() => File.Delete(_folder.Intermediate(id, MiddleImage.Preview)));
        Save(
            live,
            job with
            {
                Bytes = _folder.SizeOf(id),
                Intermediates = [.. job.Intermediates.Where(kind => kind != MiddleImage.Preview)],
            }
        );
        _live.Remove(id);
        _metrics.Ended(live.Job);
        if (live.Job is { State: JobState.Done, Taken: { } taken })
        {
            _averageRun = (_averageRun + taken) / 2;
        }

        try
        {
            _budget.MakeRoom(Held);
        }
        catch (StorageException)
        {
            // The end is written down; the housekeeper deletes others as soon as that works.
        }
    }

    private void RequireRoom(long promised, long coming)
    {
        if (!_budget.Fits(promised))
        {
            throw new OverloadException(
                Overload.Disk,
                "There is no room on the disk for another photo. Try again when others are finished.",
                RetryAfter()
            );
        }

        _budget.RequireFree(coming);
    }

    private OverloadException QueueFull(string reason) => new(Overload.Queue, $"{reason} Try again in a moment.", RetryAfter());

    /// <summary>When a place in the queue becomes free.</summary>
    private TimeSpan RetryAfter()
    {
        var (least, most) = (TimeSpan.FromSeconds(2), TimeSpan.FromMinutes(5));
        var next = _averageRun / _options.Workers;
        return next < least ? least
            : next > most ? most
            : next;
    }
}
