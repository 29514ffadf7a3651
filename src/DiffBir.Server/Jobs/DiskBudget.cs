using DiffBir.Server.Configuration;
using DiffBir.Server.Storage;

namespace DiffBir.Server.Jobs;

/// <summary>Keeps the jobs' files within bounds by deleting finished jobs, the oldest first; never one that waits or runs.</summary>
/// <remarks>
/// Not for several threads at once. Where the disk or the database refuses, a member throws a <see cref="StorageException"/>.
/// </remarks>
internal sealed class DiskBudget(
    ServerOptions options,
    DataFolder folder,
    JobStore store,
    JobStorage storage,
    Quarantine quarantine
)
{
    private const int AtOnce = 100;

    /// <summary>Bytes of the finished jobs' files.</summary>
    public long FinishedBytes => store.FinishedBytes;

    /// <summary>Whether something can be stored, if need be instead of finished jobs; none is deleted yet.</summary>
    /// <param name="promised">Bytes that everything unfinished may come to take, with what is to be stored.</param>
    public bool Fits(long promised) => promised <= options.DiskBytes;

    /// <summary>Throws unless the disk itself has room.</summary>
    /// <param name="bytes">What is to be written.</param>
    public void ValidateFreeSpace(long bytes)
    {
        if (bytes > folder.FreeBytes)
        {
            throw StorageException.Full();
        }
    }

    /// <summary>Deletes finished jobs until all fits.</summary>
    /// <param name="held">Bytes of everything that is not finished.</param>
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

    /// <summary>Deletes what was finished, or set aside, longer ago than it is kept.</summary>
    public void Expire(DateTimeOffset now)
    {
        var limit = now - options.Keep;
        DeleteWhile(job => job.Finished < limit);
        quarantine.DeleteBefore(limit);
    }

    private void DeleteWhile(Predicate<FinishedJob> isTooMuch)
    {
        int gone;
        do
        {
            gone = 0;
            foreach (var job in store.OldestFinished(AtOnce).TakeWhile(job => isTooMuch(job)))
            {
                storage.Delete(job.Id);
                gone++;
            }
        } while (gone == AtOnce);
    }
}
