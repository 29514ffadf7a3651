using DiffBir.Server.Observing;
using DiffBir.Server.Storage;

namespace DiffBir.Server.Jobs;

/// <summary>All jobs: accepts them, hands them to workers in fair order, ends and forgets them. What it says is on disk before it says it.</summary>
/// <remarks>
/// For any number of threads. Where the disk or the database refuses, a member throws a <see cref="StorageException"/> and nothing
/// has changed.
/// </remarks>
internal sealed class JobBoard
{
    private readonly Lock _lock = new();
    private readonly OpenJobs _open;
    private readonly Admission _admission;
    private readonly JobStorage _storage;
    private readonly TimeProvider _time;
    private readonly ServerMetrics _metrics;
    private bool _isStopping;

    public JobBoard(OpenJobs open, Admission admission, JobStorage storage, TimeProvider time, ServerMetrics metrics)
    {
        (_open, _admission, _storage, _time, _metrics) = (open, admission, storage, time, metrics);
        Expire();
        metrics.Watch(() => Locked(() => open.Waiting), () => Locked(() => admission.DiskBytes));
    }

    /// <summary>Raised when a job begins to wait or ceases to: then places in the queue change.</summary>
    public ChangeSignal QueueChanged { get; } = new();

    /// <summary>Keeps a place for an upload.</summary>
    /// <param name="address">Where it comes from.</param>
    /// <param name="announced">How many bytes it may have.</param>
    /// <exception cref="OverloadException">The queue is full, or the address's half of it, or the disk with unfinished jobs.</exception>
    public UploadSlot Reserve(string address, long announced)
    {
        var slot = new UploadSlot(this, address);
        lock (_lock)
        {
            _admission.Enter(slot, announced);
        }

        return slot;
    }

    /// <summary>Makes room for bytes of an upload that have arrived.</summary>
    /// <exception cref="OverloadException">Unfinished jobs fill the disk.</exception>
    public void Arrive(UploadSlot upload, int bytes)
    {
        lock (_lock)
        {
            _admission.Arrive(upload, bytes);
        }
    }

    /// <summary>Gives an upload's place back.</summary>
    public void Release(UploadSlot upload)
    {
        lock (_lock)
        {
            _admission.Leave(upload);
        }
    }

    /// <summary>Accepts a job; its upload becomes the job's.</summary>
    /// <param name="job">The job.</param>
    /// <param name="path">The uploaded file, complete on disk.</param>
    /// <param name="upload">The place that was kept for it.</param>
    /// <exception cref="OverloadException">The disk is full of unfinished jobs.</exception>
    public void Accept(Job job, string path, UploadSlot upload)
    {
        lock (_lock)
        {
            _admission.Leave(upload);
            _admission.Validate(job);
            _storage.Add(job, path);
            _open.Add(job);
        }

        QueueChanged.Raise();
    }

    /// <summary>What is known of a job; null where there is none.</summary>
    public JobStatus? Find(JobId id)
    {
        lock (_lock)
        {
            return _open.Find(id) is { } live
                    ? new(live.Job, live, live.Job.State == JobState.Queued ? _open.PositionOf(id) : null)
                : _storage.Find(id) is { } job ? new(job, null, null)
                : null;
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
                QueueChanged.Raise();
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

        live.Changed.Raise();
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
                    _storage.RemoveFiles(live.Job.Id);
                }
                else
                {
                    End(live, end(live.Job));
                }
            }
        }
        finally
        {
            live.Changed.Raise();
        }
    }

    /// <summary>Ends a job that its owner does not want any more, at once if it waits, else within a step.</summary>
    /// <exception cref="UnknownJobException">There is none.</exception>
    public void Cancel(JobId id)
    {
        LiveJob? live;
        lock (_lock)
        {
            live = Get(id).Live;
            if (live is null)
            {
                return;
            }

            if (live.Job.State == JobState.Queued)
            {
                End(live, live.Job with { State = JobState.Cancelled, Finished = _time.GetUtcNow() });
            }

            live.Cancel(delete: false);
        }

        live.Changed.Raise();
        QueueChanged.Raise();
    }

    /// <summary>Forgets a job and all its files; one that runs ends within a step.</summary>
    /// <exception cref="UnknownJobException">There is none.</exception>
    public void Delete(JobId id)
    {
        LiveJob? live;
        lock (_lock)
        {
            live = Get(id).Live;
            if (live is null)
            {
                _storage.Delete(id);
            }
            else
            {
                _storage.Forget(id);
                live.Cancel(delete: true);
                if (_open.Remove(id))
                {
                    _storage.RemoveFiles(id); // else the worker does when it has let go
                }
            }
        }

        live?.Changed.Raise();
        QueueChanged.Raise();
    }

    /// <summary>Deletes finished jobs that are too old, and the oldest ones where the files take too much.</summary>
    public void Expire()
    {
        lock (_lock)
        {
            _admission.Expire(_time.GetUtcNow());
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
            foreach (var job in _open.Running)
            {
                _storage.Save(job with { State = JobState.Queued, Attempts = job.Attempts - 1 });
            }
        }
    }

    private LiveJob? TryTake()
    {
        lock (_lock)
        {
            if (_isStopping || _open.Next is not { } live)
            {
                return null;
            }

            var job = live.Job;
            var now = _time.GetUtcNow();
            _admission.MakeRoomToRun(job);
            Save(live, job with { State = JobState.Running, Started = now, Attempts = job.Attempts + 1 });
            _open.BeginNext();
            _metrics.Waited(job.Waited(now));
            live.Changed.Raise();
            return live;
        }
    }

    private JobStatus Get(JobId id) => Find(id) ?? throw new UnknownJobException();

    private void Save(LiveJob live, Job job)
    {
        _storage.Save(job);
        live.Job = job;
    }

    private void End(LiveJob live, Job job)
    {
        live.Job = _storage.End(job);
        _open.Remove(job.Id);
        _metrics.Ended(live.Job.State);
        _admission.Ended(live.Job);
    }

    private T Locked<T>(Func<T> read)
    {
        lock (_lock)
        {
            return read();
        }
    }
}

/// <summary>What is known of a job.</summary>
/// <param name="Job">What is on disk.</param>
/// <param name="Live">What else is known while it waits or runs.</param>
/// <param name="Position">Its place in the queue: 1 is next; null where it does not wait.</param>
internal sealed record JobStatus(Job Job, LiveJob? Live, int? Position);
