using System.CommandLine;
using System.CommandLine.Invocation;

namespace DiffBir.Commands;

/// <summary>Runs a program's command line: what goes wrong is a sentence and an exit code, signals end it, and no text from a file steers the terminal.</summary>
internal static class CommandRunner
{
    /// <summary>How long a stopped command may take to end in order: one operator of a network, then removing a temporary file.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(1.5);

    /// <summary>Runs it.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="output">Results, and help.</param>
    /// <param name="error">Failures and progress.</param>
    /// <param name="patience">How long the command may take to end in order when it is stopped.</param>
    /// <param name="cancellation">Stops it, as Ctrl-C does.</param>
    /// <returns>One of <see cref="ExitCode"/>.</returns>
    public static async Task<int> RunAsync(
        ParseResult parsed,
        TextWriter output,
        TextWriter error,
        TimeSpan patience,
        CancellationToken cancellation = default
    )
    {
        var (harmlessOutput, harmlessError) = (new HarmlessWriter(output), new HarmlessWriter(error));
        if (parsed.Action is ParseErrorAction)
        {
            WrongUsage.Write(parsed, harmlessError);
            return ExitCode.Usage;
        }

        var configuration = new InvocationConfiguration
        {
            Output = harmlessOutput,
            Error = harmlessError,
            ProcessTerminationTimeout = null, // signals are heard here
        };
        using var signals = new StopSignals(patience, cancellation);
        // On another thread: a command may compute, or wait for a file, without ever looking at the token.
        var work = Task.Run(() => parsed.InvokeAsync(configuration, signals.Token), CancellationToken.None);
        if (await Task.WhenAny(work, signals.PatienceGivenUp) != work)
        {
            ShowCursor(error);
            harmlessError.WriteLine("Stopped in the middle of its work.");
            output.Flush();
            error.Flush();
            ProcessEnd.Now(signals.Code);
        }

        var code = await work;
        return code == ExitCode.Interrupted ? signals.Code : code;
    }

    /// <summary>Gives a terminal its cursor back, which a live view hides and shows again only when it ends in order.</summary>
    private static void ShowCursor(TextWriter error)
    {
        if (!Console.IsErrorRedirected && ReferenceEquals(error, Console.Error))
        {
            error.Write("\e[?25h");
        }
    }
}
