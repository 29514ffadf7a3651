using DiffBir.Server.Configuration;
using DiffBir.Server.Storage;

namespace DiffBir.Server.Jobs;

/// <summary>
/// Decides what there is room for, in the queue and on the disk. Nothing is deleted for what is only announced: room is made for
/// bytes that have arrived, and for a job's results when it begins to run.
/// </summary>
/// <remarks>Not for several threads at once.</remarks>
internal sealed class Admission(ServerOptions options, OpenJobs jobs, DiskBudget budget)
{
    private static readonly TimeSpan UsualRun = TimeSpan.FromSeconds(10);

    private readonly HashSet<UploadSlot> _uploads = [];
    private TimeSpan _averageRun = UsualRun;

    /// <summary>Bytes of all files; those of a job that runs are estimated.</summary>
    public long DiskBytes => Held + budget.FinishedBytes;

    private long UploadBytes => _uploads.Sum(upload => upload.Bytes);

    /// <summary>Bytes that everything unfinished takes; of a job that runs what it may come to take.</summary>
    private long Held => UploadBytes + jobs.HeldBytes;

    /// <summary>Bytes that everything unfinished may come to take.</summary>
    private long Promised => UploadBytes + jobs.PromisedBytes;

    /// <summary>Keeps a place for an upload.</summary>
    /// <param name="upload">The upload.</param>
    /// <param name="announced">How many bytes it may have.</param>
    /// <exception cref="OverloadException">The queue is full, or the address's half of it, or the disk with unfinished jobs.</exception>
    /// <exception cref="StorageException">The disk itself is full.</exception>
    public void Enter(UploadSlot upload, long announced)
    {
        if (jobs.Waiting + _uploads.Count >= options.MaxQueue)
        {
            throw QueueFull("The queue is full.");
        }

        var mine = jobs.WaitingFrom(upload.Address) + _uploads.Count(other => other.Address == upload.Address);
        if (mine >= Math.Max(1, options.MaxQueue / 2))
        {
            throw QueueFull("Photos from your address fill half of the queue.");
        }

        ValidateRoom(announced, announced);
        _uploads.Add(upload);
    }

    /// <summary>Makes room for bytes of an upload that have arrived.</summary>
    /// <exception cref="OverloadException">Unfinished jobs fill the disk.</exception>
    /// <exception cref="StorageException">The disk itself is full, or the disk or the database refuses.</exception>
    public void Arrive(UploadSlot upload, int bytes)
    {
        ValidateRoom(bytes, bytes);
        budget.MakeRoom(Held + bytes);
        upload.Bytes += bytes;
    }

    /// <summary>An upload has become a job, or nothing.</summary>
    public void Leave(UploadSlot upload) => _uploads.Remove(upload);

    /// <summary>Throws unless there is room for a job and everything that it will write.</summary>
    /// <exception cref="OverloadException">Unfinished jobs fill the disk.</exception>
    /// <exception cref="StorageException">The disk itself is full.</exception>
    public void Validate(Job job) => ValidateRoom(job.Bytes, job.Bytes - job.HeldBytes);

    /// <summary>Makes room for what a job that waits will write when it runs.</summary>
    /// <exception cref="StorageException">The disk or the database refuses.</exception>
    public void MakeRoomToRun(Job job) => budget.MakeRoom(Held - job.HeldBytes + job.Bytes);

    /// <summary>Deletes finished jobs that are too old, and the oldest ones where the files take too much.</summary>
    /// <exception cref="StorageException">The disk or the database refuses.</exception>
    public void Expire(DateTimeOffset now)
    {
        budget.Expire(now);
        budget.MakeRoom(Held);
    }

    /// <summary>A job came to its end.</summary>
    public void Ended(Job job)
    {
        if (job is { State: JobState.Done, Taken: { } taken })
        {
            _averageRun = (_averageRun + taken) / 2;
        }

        try
        {
            budget.MakeRoom(Held);
        }
        catch (StorageException)
        {
            // Its end is written down; the housekeeper deletes others as soon as that works.
        }
    }

    private void ValidateRoom(long promised, long coming)
    {
        if (!budget.Fits(Promised + promised))
        {
            throw new OverloadException(
                Overload.Disk,
                "There is no room on the disk for another photo. Try again when others are finished.",
                RetryAfter()
            );
        }

        budget.ValidateFreeSpace(coming);
    }

    private OverloadException QueueFull(string reason) => new(Overload.Queue, $"{reason} Try again in a moment.", RetryAfter());

    /// <summary>When a place in the queue becomes free.</summary>
    private TimeSpan RetryAfter()
    {
        var (min, max) = (TimeSpan.FromSeconds(2), TimeSpan.FromMinutes(5));
        var next = _averageRun / options.Workers;
        return next < min ? min
            : next > max ? max
            : next;
    }
}
