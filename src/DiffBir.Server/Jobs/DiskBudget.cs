namespace DiffBir.Server.Jobs;

/// <summary>Keeps the jobs' files within bounds by deleting finished jobs, the oldest first; never one that waits or runs.</summary>
/// <remarks>Not for several threads at once.</remarks>
internal sealed class DiskBudget(ServerOptions options, DataFolder folder, JobStore store)
{
    private const int AtOnce = 100;

    /// <summary>Deletes finished jobs until there is room.</summary>
    /// <param name="bytes">How much is wanted, besides what the jobs are known to take.</param>
    /// <returns>Whether there is room; nothing is deleted where it would not suffice.</returns>
    public bool MakeRoom(long bytes)
    {
        var most = options.DiskBytes - bytes;
        if (store.UnfinishedBytes > most || folder.FreeBytes < bytes)
        {
            return false;
        }

        TrimTo(most);
        return true;
    }

    /// <summary>Deletes finished jobs where the files take too much.</summary>
    public void Trim() => TrimTo(options.DiskBytes);

    /// <summary>Deletes jobs that were finished before a time.</summary>
    public void DeleteBefore(DateTimeOffset time) => DeleteWhile(job => job.Finished < time);

    private void TrimTo(long most)
    {
        var total = store.TotalBytes;
        DeleteWhile(job =>
        {
            if (total <= most)
            {
                return false;
            }

            total -= job.Bytes;
            return true;
        });
    }

    private void DeleteWhile(Predicate<Job> isTooMuch)
    {
        int gone;
        do
        {
            gone = 0;
            foreach (var job in store.OldestFinished(AtOnce).TakeWhile(job => isTooMuch(job)))
            {
                store.Delete(job.Id);
                folder.Remove(job.Id);
                gone++;
            }
        } while (gone == AtOnce);
    }
}
