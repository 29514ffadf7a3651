namespace DiffBir.Server.Storage;

/// <summary>Puts the data folder in order after a start: what can be read goes on, what is damaged is set aside, what belongs to nothing goes.</summary>
internal sealed partial class Salvage(
    DataFolder folder,
    DatabaseRepair repair,
    JobStore store,
    Quarantine quarantine,
    ILogger<Salvage> log
)
{
    /// <summary>Does so.</summary>
    /// <exception cref="StorageException">The disk or the database refuses.</exception>
    public void Run()
    {
        foreach (var rescued in repair.Rescued)
        {
            store.Save(rescued);
        }

        SetDamagedAside();
        folder.DeleteIncoming();
        Sweep();
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

    [LoggerMessage(16, LogLevel.Error, "A job is damaged (row {Row}) and set aside in {Folder}; all others go on.")]
    private static partial void LogDamaged(ILogger log, long row, string folder);

    [LoggerMessage(17, LogLevel.Error, "{Count} folders belong to jobs that the database lost; they are set aside in {Folder}.")]
    private static partial void LogStrangers(ILogger log, int count, string folder);
}
