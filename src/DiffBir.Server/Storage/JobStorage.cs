namespace DiffBir.Server.Storage;

/// <summary>What belongs together on disk: a job's record and its files.</summary>
/// <remarks>Where the disk or the database refuses, a member throws a <see cref="StorageException"/> and nothing has changed.</remarks>
internal sealed class JobStorage(JobStore store, DataFolder folder)
{
    /// <summary>Keeps a new job; its upload becomes the job's.</summary>
    /// <param name="job">The job.</param>
    /// <param name="upload">The uploaded file, complete on disk.</param>
    public void Add(Job job, string upload)
    {
        try
        {
            folder.Adopt(upload, job.Id);
            store.Save(job);
        }
        catch
        {
            folder.Remove(job.Id);
            throw;
        }
    }

    /// <summary>Writes down what changed of a job.</summary>
    public void Save(Job job) => store.Save(job);

    /// <summary>Writes down the end of a job, and lets go of what is not needed any more.</summary>
    /// <returns>The job as it was written.</returns>
    public Job End(Job job)
    {
        StorageException.Translate(() => File.Delete(folder.Intermediate(job.Id, IntermediateImage.Preview)));
        var ended = job with
        {
            Bytes = folder.SizeOf(job.Id),
            Intermediates = [.. job.Intermediates.Where(kind => kind != IntermediateImage.Preview)],
        };
        store.Save(ended);
        return ended;
    }

    /// <summary>The job of a name; null where there is none.</summary>
    public Job? Find(JobId id) => store.Find(id);

    /// <summary>Forgets a job that waits or runs; its files stay until whoever works with them has let go.</summary>
    public void Forget(JobId id) => store.Delete(id);

    /// <summary>Removes the files of a job that is forgotten.</summary>
    public void RemoveFiles(JobId id) => folder.Remove(id);

    /// <summary>Forgets a finished job and removes its files.</summary>
    public void Delete(JobId id)
    {
        try
        {
            store.Delete(id);
        }
        catch (StorageException error) when (error.Problem == StorageProblem.Full)
        {
            // To delete takes room too; the files make it.
            folder.Remove(id);
            store.Delete(id);
        }

        folder.Remove(id);
    }
}
