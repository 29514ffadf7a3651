using DiffBir.Server.Configuration;
using DiffBir.Server.Storage;

namespace DiffBir.Server.Jobs;

/// <summary>Keeps the jobs' files within bounds by deleting finished jobs, the oldest first; never one that waits or runs.</summary>
/// <remarks>Not for several threads at once.</remarks>
internal sealed class DiskBudget(ServerOptions options, DataFolder folder, JobStore store)
{
    private const int AtOnce = 100;

    /// <summary>Whether something can be stored, if need be instead of finished jobs; none is deleted yet.</summary>
    /// <param name="promised">Bytes that everything unfinished may come to take, with what is to be stored.</param>
    public bool Fits(long promised) => promised <= options.DiskBytes;

    /// <summary>Throws unless the disk itself has room.</summary>
    /// <param name="bytes">What is to be written.</param>
    /// <exception cref="StorageException">It has none, or does not say.</exception>
    public void RequireFree(long bytes)
    {
        if (bytes > folder.FreeBytes)
        {
            throw StorageException.Full();
        }
    }

    /// <summary>Deletes finished jobs until all fits.</summary>
    /// <param name="held">Bytes of everything that is not finished.</param>
    /// <exception cref="StorageException">The disk or the database refuses.</exception>
    public void MakeRoom(long held)
    {
        var total = held + store.FinishedBytes;
        DeleteWhile(job =>
        {
            if (total <= options.DiskBytes)
            {
                return false;
            }

            total -= job.Bytes;
            return true;
        });
    }

    /// <summary>Deletes jobs that were finished before a time.</summary>
    /// <exception cref="StorageException">The disk or the database refuses.</exception>
    public void DeleteBefore(DateTimeOffset time) => DeleteWhile(job => job.Finished < time);

    /// <summary>Forgets a finished job and its files.</summary>
    /// <exception cref="StorageException">The disk or the database refuses.</exception>
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

    private void DeleteWhile(Predicate<FinishedJob> isTooMuch)
    {
        int gone;
        do
        {
            gone = 0;
            foreach (var job in store.OldestFinished(AtOnce).TakeWhile(job => isTooMuch(job)))
            {
                Delete(job.Id);
                gone++;
            }
        } while (gone == AtOnce);
    }
}
