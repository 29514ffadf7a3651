namespace DiffBir.Server.Storage;

/// <summary>Whether photos and jobs can be written to disk.</summary>
internal sealed class StorageHealth(DataFolder folder, JobStore store)
{
    /// <summary>A disk with less is full: not even a small photo and its result have room.</summary>
    private const long MinFreeBytes = 2_000_000;

    /// <summary>What keeps the server from writing, in a sentence; null where nothing does.</summary>
    public string? Problem
    {
        get
        {
            try
            {
                return store.Failure?.Message ?? (folder.FreeBytes < MinFreeBytes ? StorageException.Full().Message : null);
            }
            catch (StorageException error)
            {
                return error.Message;
            }
        }
    }
}
