namespace DiffBir.Cli.Display;

/// <summary>The last line of a batch in which something failed: who does not read the lines above learns it here.</summary>
internal static class FailureCount
{
    /// <summary>Counts what failed, unless it is one thing alone, of which everything is said.</summary>
    /// <param name="failed">How many failed.</param>
    /// <param name="all">How many there were.</param>
    /// <param name="what">What became of them: "photos were not restored".</param>
    /// <param name="error">Where failures are said.</param>
    public static void Write(int failed, int all, string what, TextWriter error)
    {
        if (failed > 0 && all > 1)
        {
            error.WriteLine($"{failed} of {all} {what}; the lines above say why.");
        }
    }
}
