using Microsoft.Data.Sqlite;

namespace DiffBir.Server.Storage;

/// <summary>Looks at the database before it is used. A damaged one is set aside, and what can still be read of it goes into a new one.</summary>
internal sealed partial class DatabaseRepair
{
    private readonly DataFolder _folder;

    /// <summary>Finds out whether the database is sound, and sets it aside if not.</summary>
    /// <exception cref="StorageException">The disk refuses.</exception>
    public DatabaseRepair(DataFolder folder, Quarantine quarantine, ILogger<DatabaseRepair> log)
    {
        _folder = folder;
        if (Damage() is not { } damage)
        {
            return;
        }

        Rescued = ReadableJobs();
        foreach (var file in (string[])[Path, $"{Path}-wal", $"{Path}-shm"])
        {
            quarantine.Take(file);
        }

        LogDamaged(log, damage, Rescued.Count, quarantine.Path);
    }

    /// <summary>The database; there is none yet where it was damaged.</summary>
    public string Path => _folder.Database;

    /// <summary>Jobs that could be read of a damaged database; they belong into the new one.</summary>
    public IReadOnlyCollection<Job> Rescued { get; } = [];

    /// <summary>What is wrong with the database; null where nothing is, or where that cannot be told.</summary>
    private string? Damage()
    {
        if (!File.Exists(Path))
        {
            return null;
        }

        try
        {
            using var connection = Open();
            using var command = connection.CreateCommand();
            command.CommandText = "PRAGMA quick_check(1)";
            var answer = (string)command.ExecuteScalar()!;
            command.CommandText = "PRAGMA user_version";
            if ((long)command.ExecuteScalar()! is var version && version > 0 && version <= JobStore.Version)
            {
                command.CommandText = "SELECT id, owner, state, created, finished, bytes, content FROM jobs LIMIT 1";
                command.ExecuteScalar();
            }

            return answer == "ok" ? null : answer;
        }
        catch (SqliteException error) when (IsDamage(error))
        {
            return error.Message;
        }
        catch (SqliteException)
        {
            return null; // whoever opens it says what is the matter
        }
    }

    /// <summary>The jobs before the damaged place, and those behind it.</summary>
    private List<Job> ReadableJobs()
    {
        var jobs = new Dictionary<JobId, Job>();
        foreach (var order in (string[])["ASC", "DESC"])
        {
            try
            {
                using var connection = Open();
                using var command = connection.CreateCommand();
#pragma warning disable CA2100 // one of the two words above
                command.CommandText = $"SELECT id, content FROM jobs NOT INDEXED ORDER BY rowid {order}";
#pragma warning restore CA2100
                using var reader = command.ExecuteReader();
                while (reader.Read())
                {
                    if (JobJson.Parse(reader.GetString(0), reader.GetString(1)) is { } job)
                    {
                        jobs.TryAdd(job.Id, job);
                    }
                }
            }
            catch (Exception error) when (error is SqliteException or InvalidCastException)
            {
                // Here is the damaged place, or there are no jobs at all.
            }
        }

        return [.. jobs.Values.OrderBy(job => job.Created)];
    }

    private SqliteConnection Open()
    {
        var address = new SqliteConnectionStringBuilder
        {
            DataSource = Path,
            Pooling = false,
            Mode = SqliteOpenMode.ReadWrite,
            DefaultTimeout = JobStore.PatienceSeconds,
        };
        var connection = new SqliteConnection(address.ToString());
        connection.Open();
        return connection;
    }

    private static bool IsDamage(SqliteException error) =>
        error.SqliteErrorCode is SQLitePCL.raw.SQLITE_CORRUPT or SQLitePCL.raw.SQLITE_NOTADB or SQLitePCL.raw.SQLITE_ERROR; // no such table

    [LoggerMessage(
        15,
        LogLevel.Error,
        "The database of jobs is damaged ({Damage}). {Count} jobs could be read and go on; the database itself is in {Folder}."
    )]
    private static partial void LogDamaged(ILogger log, string damage, int count, string folder);
}
