using DiffBir.Server.Storage;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

namespace DiffBir.Server.Tests.Support;

/// <summary>A database on a disk that is full whenever a test says so.</summary>
internal sealed class RefusingStore(string path, ILogger<JobStore> log) : JobStore(path, log)
{
    private const int Full = 13; // SQLITE_FULL

    private volatile Predicate<SqliteCommand>? _refuses;
    private volatile int _refusals;

    /// <summary>How many commands were refused.</summary>
    public int Refusals => _refusals;

    /// <summary>Makes the disk full for what writes.</summary>
    /// <param name="refuses">Which commands have no room; all if null.</param>
    public void Fill(Predicate<SqliteCommand>? refuses = null) => _refuses = refuses ?? (_ => true);

    /// <summary>Makes room.</summary>
    public void MakeRoom() => _refuses = null;

    /// <summary>Puts the store into a server instead of its own.</summary>
    public static void Replace(IServiceCollection parts) =>
        parts.Replace(
            ServiceDescriptor.Singleton<JobStore>(all => new RefusingStore(
                all.GetRequiredService<DatabaseRepair>().Path,
                all.GetRequiredService<ILogger<JobStore>>()
            ))
        );

    /// <summary>Whether a command writes a job in a state.</summary>
    public static bool Writes(SqliteCommand command, JobState state) =>
        command.Parameters.Contains("$state") && command.Parameters["$state"].Value is string text && text == state.ToString();

    protected override int Write(SqliteCommand command)
    {
        if (_refuses is { } refuses && refuses(command))
        {
            Interlocked.Increment(ref _refusals);
            throw new SqliteException("database or disk is full", Full);
        }

        return base.Write(command);
    }
}
