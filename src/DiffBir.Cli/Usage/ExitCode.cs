namespace DiffBir.Cli.Usage;

/// <summary>What the program tells its caller.</summary>
internal static class ExitCode
{
    /// <summary>Every input was handled.</summary>
    public const int Success = 0;

    /// <summary>Some inputs failed; the others were handled.</summary>
    public const int SomeFailed = 1;

    /// <summary>The command line was wrong; nothing was done.</summary>
    public const int Usage = 2;

    /// <summary>The code of something that was done in parts.</summary>
    /// <param name="failed">How many parts failed.</param>
    public static int Of(int failed) => failed == 0 ? Success : SomeFailed;
}
