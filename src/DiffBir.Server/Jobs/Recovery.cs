using DiffBir.Server.Storage;

namespace DiffBir.Server.Jobs;

/// <summary>Finds out after a start what the last server left behind, however it ended.</summary>
internal sealed partial class Recovery(
    Salvage salvage,
    JobStore store,
    DataFolder folder,
    TimeProvider time,
    ILogger<Recovery> log
)
{
    /// <summary>A job that takes the server down with it each time must not do so forever.</summary>
    private const int MaxAttempts = 3;

    /// <summary>Puts the data folder in order, and gives the jobs that are to be done, those first that ran.</summary>
    /// <exception cref="StorageException">The disk or the database refuses.</exception>
    public IReadOnlyList<Job> Run()
    {
        salvage.Run();
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
}
