using DiffBir.Server.Storage;

namespace DiffBir.Server.Jobs;

/// <summary>The jobs that wait or run.</summary>
/// <remarks>Not for several threads at once.</remarks>
internal sealed class OpenJobs
{
    private readonly Dictionary<JobId, LiveJob> _jobs = [];
    private readonly FairQueue<JobId> _queue = new();

    /// <summary>Goes on where the last server stopped.</summary>
    public OpenJobs(Recovery recovery)
    {
        foreach (var job in recovery.Run())
        {
            Add(job);
        }
    }

    /// <summary>How many wait.</summary>
    public int Waiting => _queue.Count;

    /// <summary>Those that run.</summary>
    public IEnumerable<Job> Running => _jobs.Values.Select(live => live.Job).Where(job => job.State == JobState.Running);

    /// <summary>Bytes that their files take; of a job that runs what it may come to take.</summary>
    public long HeldBytes => _jobs.Values.Sum(live => live.Job.HeldBytes);

    /// <summary>Bytes that their files may come to take.</summary>
    public long PromisedBytes => _jobs.Values.Sum(live => live.Job.Bytes);

    /// <summary>The one that waits and is next; null where none waits.</summary>
    public LiveJob? Next => _queue.TryPeek(out var id) ? _jobs[id] : null;

    /// <summary>How many of an address wait.</summary>
    public int WaitingFrom(string address) => _queue.CountOf(address);

    /// <summary>Lets a job wait.</summary>
    public void Add(Job job)
    {
        _jobs.Add(job.Id, new LiveJob(job));
        _queue.Add(job.Id, job.Address, job.Owner);
    }

    /// <summary>The next one does not wait any more.</summary>
    public void BeginNext() => _queue.TryTake(out _);

    /// <summary>The job of a name; null where none of it waits or runs.</summary>
    public LiveJob? Find(JobId id) => _jobs.GetValueOrDefault(id);

    /// <summary>Lets go of a job.</summary>
    /// <returns>Whether it waited.</returns>
    public bool Remove(JobId id)
    {
        _jobs.Remove(id);
        return _queue.Remove(id);
    }

    /// <summary>A job's place in the queue: 1 is next; null where it does not wait.</summary>
    public int? PositionOf(JobId id)
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
