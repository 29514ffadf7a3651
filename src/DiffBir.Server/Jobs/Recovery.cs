using DiffBir.Server.Storage;

namespace DiffBir.Server.Jobs;

/// <summary>Finds out after a start what the last server left behind, however it ended.</summary>
internal sealed partial class Recovery(
    DataFolder folder,
    DatabaseRepair repair,
    JobStore store,
    Quarantine quarantine,
    TimeProvider time,
    ILogger<Recovery> log
)
{
    /// <summary>A job that takes the server down with it each time must not do so forever.</summary>
    private const int MaxAttempts = 3;

    /// <summary>Sets damaged jobs aside, sweeps the data folder, and gives the jobs that are to be done, those first that ran.</summary>
    /// <exception cref="StorageException">The disk or the database refuses.</exception>
    public IReadOnlyList<Job> Run()
    {
        foreach (var rescued in repair.Rescued)
        {
            store.Save(rescued);
        }

        SetDamagedAside();
        Sweep();
        var jobs = new List<Job>();
        foreach (var job in store.Unfinished().OrderBy(job => job.Started is null))
        {
            var next = AfterStop(job);
            store.Save(next);
            if (!next.IsFinished)
            {
                jobs.Add(next);
            }
        }

        return jobs;
    }

    private void SetDamagedAside()
    {
        foreach (var damaged in store.Damaged())
        {
            LogDamaged(log, damaged.Row, quarantine.Path);
            quarantine.Write($"job-{damaged.Row}.json", damaged.Content);
            if (JobId.TryParse(damaged.Id, out var id))
            {
                quarantine.Take(folder.FolderOf(id));
            }

            store.Delete(damaged);
        }
    }

    /// <summary>Removes what belongs to no job. A database that knows nothing of its folders' past proves nothing: then they are kept.</summary>
    private void Sweep()
    {
        folder.DeleteIncoming();
        string[] strangers = [.. folder.FoldersBut(store.Ids())];
        if (store.IsNew && strangers.Length > 0)
        {
            LogStrangers(log, strangers.Length, quarantine.Path);
            Array.ForEach(strangers, quarantine.Take);
        }
        else
        {
            Array.ForEach(strangers, stranger => Directory.Delete(stranger, recursive: true));
        }
    }

    private Job AfterStop(Job job)
    {
        if (!File.Exists(folder.Original(job.Id)))
        {
            return Lost(job, "The upload is lost. Send the photo again.");
        }

        folder.KeepOnlyOriginal(job.Id);
        if (job.Attempts >= MaxAttempts)
        {
            LogGivenUp(log, job.Id.ToString(), MaxAttempts);
            return Lost(
                job,
                $"The server crashed {MaxAttempts} times while it worked on this photo. Try a smaller photo or a smaller upscale."
            );
        }

        return job with
        {
            State = JobState.Queued,
            Started = null,
            Intermediates = [],
        };
    }

    private Job Lost(Job job, string message) =>
        job with
        {
            State = JobState.Failed,
            Finished = time.GetUtcNow(),
            Bytes = folder.SizeOf(job.Id),
            Error = new JobError(JobErrorCode.Interrupted, message),
            Intermediates = [],
        };

    [LoggerMessage(3, LogLevel.Warning, "Job {Id} is given up: the server crashed {Attempts} times while it ran.")]
    private static partial void LogGivenUp(ILogger log, string id, int attempts);

    [LoggerMessage(16, LogLevel.Error, "A job is damaged (row {Row}) and set aside in {Folder}; all others go on.")]
    private static partial void LogDamaged(ILogger log, long row, string folder);

    [LoggerMessage(17, LogLevel.Error, "{Count} folders belong to jobs that the database lost; they are set aside in {Folder}.")]
    private static partial void LogStrangers(ILogger log, int count, string folder);
}
