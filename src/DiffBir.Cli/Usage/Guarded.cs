using System.CommandLine;

namespace DiffBir.Cli.Usage;

/// <summary>Runs a command so that whatever happens ends in a sentence and an exit code.</summary>
internal static class Guarded
{
    /// <summary>How a stopped batch of images goes on.</summary>
    public const string SkipExisting = "Go on later with --skip-existing.";

    /// <summary>Runs a command.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="act">The command.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <param name="goOn">How the work can be resumed after a stop, in a sentence.</param>
    /// <returns>One of <see cref="ExitCode"/>.</returns>
    public static async Task<int> RunAsync(
        ParseResult parsed,
        Func<ParseResult, CancellationToken, Task<int>> act,
        CancellationToken cancellation,
        string goOn = ""
    )
    {
        var error = parsed.InvocationConfiguration.Error;
        try
        {
            return await act(parsed, cancellation);
        }
        catch (DiffBirException exception)
        {
            error.WriteLine(exception.Message);
            return ExitCode.Usage;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            error.WriteLine(exception.Message);
            return ExitCode.Usage;
        }
        catch (OperationCanceledException)
        {
            error.WriteLine($"Stopped. {goOn}".TrimEnd());
            return ExitCode.SomeFailed;
        }
    }

    /// <summary>Runs a command that has nothing to wait for.</summary>
    /// <remarks>On another thread: Ctrl-C is listened to only once the command has returned its task.</remarks>
    public static Task<int> RunAsync(
        ParseResult parsed,
        Func<ParseResult, CancellationToken, int> act,
        CancellationToken cancellation,
        string goOn = ""
    ) => RunAsync(parsed, (p, c) => Task.Run(() => act(p, c), c), cancellation, goOn);
}
