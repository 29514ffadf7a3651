using System.CommandLine;
using DiffBir.Options;

namespace DiffBir.Commands;

/// <summary>Runs a command so that whatever happens ends in a sentence and an exit code.</summary>
internal static class CommandErrors
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
            EmptyNames.Validate(parsed);
            return await act(parsed, cancellation);
        }
        catch (WorkException exception)
        {
            error.WriteLine(exception.Message);
            return ExitCode.Failed;
        }
        catch (DiffBirException exception)
        {
            error.WriteLine(exception.Message);
            return ExitCode.Usage;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            error.WriteLine(exception.Message);
            return ExitCode.Failed;
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            error.WriteLine($"Stopped. {goOn}".TrimEnd());
            return ExitCode.Interrupted;
        }
    }

    /// <summary>Runs a command that has nothing to wait for.</summary>
    public static Task<int> RunAsync(
        ParseResult parsed,
        Func<ParseResult, CancellationToken, int> act,
        CancellationToken cancellation,
        string goOn = ""
    ) => RunAsync(parsed, (p, c) => Task.FromResult(act(p, c)), cancellation, goOn);

    /// <summary>Does the work that a command has prepared: from here on something is done, and a failure is none of the command line's.</summary>
    /// <exception cref="WorkException">It failed.</exception>
    public static async Task WorkAsync(Func<Task> work)
    {
        try
        {
            await work();
        }
        catch (DiffBirException exception) when (exception is not (UsageException or OptionException or WorkException))
        {
            throw new WorkException(exception.Message, exception);
        }
    }

    /// <summary>Does work that has nothing to wait for.</summary>
    /// <inheritdoc cref="WorkAsync"/>
    public static void Work(Action work) =>
        WorkAsync(() =>
            {
                work();
                return Task.CompletedTask;
            })
            .GetAwaiter()
            .GetResult();
}
