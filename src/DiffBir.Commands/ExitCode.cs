namespace DiffBir.Commands;

/// <summary>What our programs tell their callers, all of them alike.</summary>
internal static class ExitCode
{
    /// <summary>Everything was done.</summary>
    public const int Success = 0;

    /// <summary>Something failed on the way: a file, a disk, a part of the work. What could be done is done.</summary>
    public const int Failed = 1;

    /// <summary>The command cannot be carried out as it was asked for; nothing was done.</summary>
    public const int Usage = 2;

    /// <summary>Ctrl-C ended it: 128 and the number of SIGINT, as shells have it.</summary>
    public const int Interrupted = 130;

    /// <summary>SIGTERM ended it: 128 and its number.</summary>
    public const int Terminated = 143;

    /// <summary>The code of something that was done in parts.</summary>
    /// <param name="failed">How many parts failed.</param>
    public static int Of(int failed) => failed == 0 ? Success : Failed;
}
