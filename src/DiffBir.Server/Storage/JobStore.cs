using System.Text.Json;
using Microsoft.Data.Sqlite;

namespace DiffBir.Server.Storage;

/// <summary>A row of the database, whatever is in it.</summary>
/// <param name="Row">Its number.</param>
/// <param name="Id">The job's name.</param>
/// <param name="Content">The job as JSON.</param>
internal sealed record JobRow(long Row, string Id, string Content);

/// <summary>A job that came to its end.</summary>
/// <param name="Id">Its name.</param>
/// <param name="Finished">When it came to its end.</param>
/// <param name="Bytes">The size of its files.</param>
internal sealed record FinishedJob(JobId Id, DateTimeOffset Finished, long Bytes);

/// <summary>The jobs on disk. What it says is there after a crash.</summary>
/// <remarks>Each member throws a <see cref="StorageException"/> where the disk or the database refuses; then nothing has changed.</remarks>
internal partial class JobStore : IDisposable
{
    /// <summary>How long another program may hold the database before it counts as refused, in seconds.</summary>
    public const int PatienceSeconds = 1;

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

    /// <summary>The version of a database that is up to date.</summary>
    public static int Version => Migrations.Length;

    private readonly Lock _lock = new();
    private readonly SqliteConnection _connection;
    private readonly ILogger<JobStore> _log;
    private volatile StorageException? _failure;

    /// <summary>Opens the database, and makes or updates it.</summary>
    /// <param name="path">Its file.</param>
    /// <param name="log">What hears when the disk refuses, and when it takes again.</param>
    /// <exception cref="DiffBirException">It is damaged, or newer than this program.</exception>
    public JobStore(string path, ILogger<JobStore> log)
    {
        _log = log;
        var address = new SqliteConnectionStringBuilder
        {
            DataSource = path,
            Pooling = false,
            DefaultTimeout = PatienceSeconds,
        };
        _connection = new SqliteConnection(address.ToString());
        try
        {
            _connection.Open();
            Execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;");
            Migrate();
        }
        catch (SqliteException error)
        {
            _connection.Dispose();
            throw new DiffBirException(
                StorageException.Of(error).Problem switch
                {
                    StorageProblem.Full =>
                        $"There is no room for the database {path}. Make some on its disk, or name another folder (--data).",
                    StorageProblem.Busy =>
                        $"The database {path} is in use by another program. Stop that one, or name another folder (--data).",
                    _ =>
                        $"The database {path} cannot be used ({error.Message}). Restore it from a copy, or name another folder (--data).",
                },
                error
            );
        }
    }

    /// <summary>Why the disk or the database refused the latest time; null since something was written again.</summary>
    public StorageException? Failure => _failure;

    /// <summary>Whether there was no database before.</summary>
    public bool IsNew { get; private set; }

    /// <summary>Bytes of the finished jobs' files.</summary>
    public long FinishedBytes => Number("SELECT COALESCE(SUM(bytes), 0) FROM jobs WHERE finished IS NOT NULL");

    /// <summary>Writes what is there already, to find out whether that works.</summary>
    public void Probe() => Change($"PRAGMA user_version = {Version}");

    /// <summary>Writes a job, new or changed.</summary>
    public void Save(Job job) =>
        Change(
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
    public Job? Find(JobId id) =>
        Rows("SELECT rowid, id, content FROM jobs WHERE id = $id", ("$id", id.ToString())).Select(Parsed).FirstOrDefault();

    /// <summary>Jobs that did not come to their end, in the order of their acceptance.</summary>
    public IReadOnlyList<Job> Unfinished() =>
        [.. Rows("SELECT rowid, id, content FROM jobs WHERE finished IS NULL ORDER BY created, rowid").Select(Parsed)];

    /// <summary>Rows that are no jobs: something damaged them.</summary>
    public IReadOnlyList<JobRow> Damaged() =>
        [.. Rows("SELECT rowid, COALESCE(id, ''), content FROM jobs").Where(row => JobJson.Parse(row.Id, row.Content) is null)];

    /// <summary>Finished jobs, those first that came to their end first.</summary>
    public IReadOnlyList<FinishedJob> OldestFinished(int count) =>
        Read(
            "SELECT id, finished, bytes FROM jobs WHERE finished IS NOT NULL ORDER BY finished, rowid LIMIT $count",
            reader => new FinishedJob(
                Id(reader.GetString(0)),
                DateTimeOffset.FromUnixTimeMilliseconds(reader.GetInt64(1)),
                reader.GetInt64(2)
            ),
            ("$count", count)
        );

    /// <summary>The names of all jobs.</summary>
    public IReadOnlyList<JobId> Ids() => Read("SELECT id FROM jobs", reader => Id(reader.GetString(0)));

    /// <summary>Forgets a job.</summary>
    /// <returns>Whether it was there.</returns>
    public bool Delete(JobId id) => Change("DELETE FROM jobs WHERE id = $id", ("$id", id.ToString())) > 0;

    /// <summary>Forgets a row that is no job.</summary>
    public void Delete(JobRow row) => Change("DELETE FROM jobs WHERE rowid = $row", ("$row", row.Row));

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Closes the database.</summary>
    protected virtual void Dispose(bool disposing)
    {
        if (disposing)
        {
            _connection.Dispose();
        }
    }

    /// <summary>Runs a command that writes; tests let it fail.</summary>
    /// <exception cref="SqliteException">The disk or the database refuses.</exception>
    protected virtual int Write(SqliteCommand command) => command.ExecuteNonQuery();

    private void Migrate()
    {
        using var asked = Command("PRAGMA user_version");
        var version = (long)asked.ExecuteScalar()!;
        if (version > Version)
        {
            throw new DiffBirException(
                "The data folder was written by a newer version of this program. Use that version, or name another folder (--data)."
            );
        }

        IsNew = version == 0;
        for (; version < Version; version++)
        {
            using var transaction = _connection.BeginTransaction();
            Execute(Migrations[version]);
            Execute($"PRAGMA user_version = {version + 1}");
            transaction.Commit();
        }
    }

    private List<JobRow> Rows(string text, params (string, object)[] parameters) =>
        Read(text, reader => new JobRow(reader.GetInt64(0), reader.GetString(1), reader.GetString(2)), parameters);

    private static Job Parsed(JobRow row) => JobJson.Parse(row.Id, row.Content) ?? throw StorageException.Damaged();

    private static JobId Id(string text) => JobId.TryParse(text, out var id) ? id : throw StorageException.Damaged();

    private List<T> Read<T>(string text, Func<SqliteDataReader, T> row, params (string, object)[] parameters) =>
        WithStorageErrors(() =>
        {
            using var command = Command(text, parameters);
            using var reader = command.ExecuteReader();
            var rows = new List<T>();
            while (reader.Read())
            {
                rows.Add(row(reader));
            }

            return rows;
        });

    private long Number(string text) =>
        WithStorageErrors(() =>
        {
            using var command = Command(text);
            return (long)command.ExecuteScalar()!;
        });

    private int Change(string text, params (string, object)[] parameters) =>
        WithStorageErrors(() =>
        {
            using var command = Command(text, parameters);
            var count = Write(command);
            if (_failure is not null)
            {
                _failure = null;
                LogRecovered(_log);
            }

            return count;
        });

    private T WithStorageErrors<T>(Func<T> act)
    {
        lock (_lock)
        {
            try
            {
                return act();
            }
            catch (SqliteException error)
            {
                var failure = StorageException.Of(error);
                if (_failure?.Problem != failure.Problem)
                {
                    LogFailing(_log, failure.Problem, error.Message);
                }

                _failure = failure;
                throw failure;
            }
        }
    }

    private void Execute(string text)
    {
        using var command = Command(text);
        command.ExecuteNonQuery();
    }

    private SqliteCommand Command(string text, params (string, object)[] parameters)
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

    [LoggerMessage(
        11,
        LogLevel.Error,
        "Jobs cannot be written down ({Problem}): {Reason} Nothing is lost: the server tries again until that works."
    )]
    private static partial void LogFailing(ILogger log, StorageProblem problem, string reason);

    [LoggerMessage(12, LogLevel.Warning, "Jobs are written down again.")]
    private static partial void LogRecovered(ILogger log);
}
