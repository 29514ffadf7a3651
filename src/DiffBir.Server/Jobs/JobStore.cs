using System.Text.Json;
using Microsoft.Data.Sqlite;

namespace DiffBir.Server.Jobs;

/// <summary>The jobs on disk. What it says is there after a crash.</summary>
internal sealed class JobStore : IDisposable
{
    /// <summary>Each brings the database from its index to the next version (SQLite's <c>user_version</c>).</summary>
    private static readonly string[] Migrations =
    [
        """
            CREATE TABLE jobs (
                id TEXT PRIMARY KEY,
                owner TEXT NOT NULL,
                state TEXT NOT NULL,
                created INTEGER NOT NULL,
                finished INTEGER,
                bytes INTEGER NOT NULL,
                content TEXT NOT NULL
            ) STRICT;
            CREATE INDEX jobs_by_end ON jobs (finished);
            """,
    ];

    private readonly Lock _lock = new();
    private readonly SqliteConnection _connection;

    /// <summary>Opens the database, and makes or updates it.</summary>
    /// <exception cref="DiffBirException">It is damaged, or newer than this program.</exception>
    public JobStore(string path)
    {
        var address = new SqliteConnectionStringBuilder { DataSource = path, Pooling = false };
        _connection = new SqliteConnection(address.ToString());
        try
        {
            _connection.Open();
            Run("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;");
            Migrate();
        }
        catch (SqliteException error)
        {
            _connection.Dispose();
            throw new DiffBirException(
                $"The database {path} cannot be used ({error.Message}). Restore it from a copy, or name another folder (--data).",
                error
            );
        }
    }

    /// <summary>Bytes of all jobs.</summary>
    public long TotalBytes => Number("SELECT COALESCE(SUM(bytes), 0) FROM jobs");

    /// <summary>Bytes of jobs that did not come to their end.</summary>
    public long UnfinishedBytes => Number("SELECT COALESCE(SUM(bytes), 0) FROM jobs WHERE finished IS NULL");

    /// <summary>Writes a job, new or changed.</summary>
    public void Save(Job job) =>
        Run(
            """
            INSERT INTO jobs (id, owner, state, created, finished, bytes, content)
            VALUES ($id, $owner, $state, $created, $finished, $bytes, $content)
            ON CONFLICT (id) DO UPDATE SET
                state = excluded.state, finished = excluded.finished,
                bytes = excluded.bytes, content = excluded.content
            """,
            ("$id", job.Id.ToString()),
            ("$owner", job.Owner),
            ("$state", job.State.ToString()),
            ("$created", job.Created.ToUnixTimeMilliseconds()),
            ("$finished", (object?)job.Finished?.ToUnixTimeMilliseconds() ?? DBNull.Value),
            ("$bytes", job.Bytes),
            ("$content", JsonSerializer.Serialize(job, JobJson.Options))
        );

    /// <summary>The job of a name; null where there is none.</summary>
    public Job? Find(JobId id) => Read("SELECT content FROM jobs WHERE id = $id", ("$id", id.ToString())).FirstOrDefault();

    /// <summary>Jobs that did not come to their end, in the order of their acceptance.</summary>
    public IReadOnlyList<Job> Unfinished() => Read("SELECT content FROM jobs WHERE finished IS NULL ORDER BY created, rowid");

    /// <summary>Finished jobs, those first that came to their end first.</summary>
    public IReadOnlyList<Job> OldestFinished(int count) =>
        Read("SELECT content FROM jobs WHERE finished IS NOT NULL ORDER BY finished, rowid LIMIT $count", ("$count", count));

    /// <summary>The names of all jobs.</summary>
    public IReadOnlyList<JobId> Ids()
    {
        lock (_lock)
        {
            using var command = Command("SELECT id FROM jobs");
            using var reader = command.ExecuteReader();
            var ids = new List<JobId>();
            while (reader.Read())
            {
                if (JobId.TryParse(reader.GetString(0), out var id))
                {
                    ids.Add(id);
                }
            }

            return ids;
        }
    }

    /// <summary>Forgets a job.</summary>
    /// <returns>Whether it was there.</returns>
    public bool Delete(JobId id) => Run("DELETE FROM jobs WHERE id = $id", ("$id", id.ToString())) > 0;

    /// <inheritdoc/>
    public void Dispose() => _connection.Dispose();

    private void Migrate()
    {
        var version = Number("PRAGMA user_version");
        if (version > Migrations.Length)
        {
            throw new DiffBirException(
                "The data folder was written by a newer version of this program. Use that version, or name another folder (--data)."
            );
        }

        for (; version < Migrations.Length; version++)
        {
            using var transaction = _connection.BeginTransaction();
            Run(Migrations[version]);
            Run($"PRAGMA user_version = {version + 1}");
            transaction.Commit();
        }
    }

    private List<Job> Read(string text, params ReadOnlySpan<(string, object)> parameters)
    {
        lock (_lock)
        {
            using var command = Command(text, parameters);
            using var reader = command.ExecuteReader();
            var jobs = new List<Job>();
            while (reader.Read())
            {
                jobs.Add(JsonSerializer.Deserialize<Job>(reader.GetString(0), JobJson.Options)!);
            }

            return jobs;
        }
    }

    private long Number(string text)
    {
        lock (_lock)
        {
            using var command = Command(text);
            return (long)command.ExecuteScalar()!;
        }
    }

    private int Run(string text, params ReadOnlySpan<(string, object)> parameters)
    {
        lock (_lock)
        {
            using var command = Command(text, parameters);
            return command.ExecuteNonQuery();
        }
    }

    private SqliteCommand Command(string text, params ReadOnlySpan<(string, object)> parameters)
    {
        var command = _connection.CreateCommand();
#pragma warning disable CA2100 // every text is a constant of this file; values are parameters
        command.CommandText = text;
#pragma warning restore CA2100
        foreach (var (name, value) in parameters)
        {
            command.Parameters.AddWithValue(name, value);
        }

        return command;
    }
}
