using Microsoft.Data.Sqlite;

namespace DiffBir.Server.Storage;

/// <summary>What keeps the server from writing down jobs and photos.</summary>
internal enum StorageProblem
{
    /// <summary>There is no room on the disk.</summary>
    Full,

    /// <summary>Another program holds the database.</summary>
    Busy,

    /// <summary>The disk or the database fails.</summary>
    Unavailable,
}

/// <summary>The disk or the database refused. It may pass: what was asked for can be tried again as it was.</summary>
internal sealed class StorageException : DiffBirException
{
    private StorageException(StorageProblem problem, Exception? cause = null)
        : base(Sentence(problem), cause) => Problem = problem;

    /// <summary>What is the matter.</summary>
    public StorageProblem Problem { get; }

    /// <summary>A disk that has too little room for what is to come.</summary>
    public static StorageException Full() => new(StorageProblem.Full);

    /// <summary>A database with something in it that nobody wrote.</summary>
    public static StorageException Damaged() => new(StorageProblem.Unavailable);

    /// <summary>The refusal of the database.</summary>
    public static StorageException Of(SqliteException error) =>
        new(
            error.SqliteErrorCode switch
            {
                SQLitePCL.raw.SQLITE_FULL => StorageProblem.Full,
                SQLitePCL.raw.SQLITE_BUSY or SQLitePCL.raw.SQLITE_LOCKED => StorageProblem.Busy,
                _ => StorageProblem.Unavailable,
            },
            error
        );

    /// <summary>The refusal of the disk.</summary>
    public static StorageException Of(IOException error) =>
        new(IsFull(error) ? StorageProblem.Full : StorageProblem.Unavailable, error);

    /// <summary>The full disk behind any error; null where the cause is another one.</summary>
    public static StorageException? FullBehind(Exception? error) =>
        error switch
        {
            null => null,
            StorageException { Problem: StorageProblem.Full } full => full,
            IOException io when IsFull(io) => Of(io),
            _ => FullBehind(error.InnerException),
        };

    /// <summary>Does something in the data folder; what the disk refuses becomes one of these exceptions.</summary>
    public static T Translate<T>(Func<T> act)
    {
        try
        {
            return act();
        }
        catch (IOException error)
        {
            throw Of(error);
        }
        catch (UnauthorizedAccessException error)
        {
            throw new StorageException(StorageProblem.Unavailable, error);
        }
    }

    /// <inheritdoc cref="Translate{T}"/>
    public static void Translate(Action act) =>
        Translate(() =>
        {
            act();
            return true;
        });

    // .NET passes on the system's own number: of errno on Unix, of Win32 in an HRESULT on Windows.
    private static bool IsFull(IOException error)
    {
        const int noSpace = 28; // ENOSPC
        var quota = OperatingSystem.IsLinux() ? 122 : 69; // EDQUOT
        const int diskFull = unchecked((int)0x8007_0070);
        const int handleDiskFull = unchecked((int)0x8007_0027);
        return OperatingSystem.IsWindows()
            ? error.HResult is diskFull or handleDiskFull
            : error.HResult == noSpace || error.HResult == quota;
    }

    private static string Sentence(StorageProblem problem) =>
        problem switch
        {
            StorageProblem.Full =>
                "The server's disk is full. Try again later; it goes on by itself as soon as whoever runs it has made room.",
            StorageProblem.Busy => "Another program is using the server's database. Try again in a moment.",
            _ => "The server cannot use its disk. Try again later; whoever runs it finds the reason in its log.",
        };
}
