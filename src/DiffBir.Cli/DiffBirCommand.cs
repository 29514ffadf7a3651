using System.CommandLine;
using System.CommandLine.Help;

namespace DiffBir.Cli;

/// <summary>The program: its commands and its exit codes.</summary>
internal static class DiffBirCommand
{
    /// <summary>Runs the program.</summary>
    /// <param name="arguments">The command line.</param>
    /// <param name="output">Results, and help.</param>
    /// <param name="error">Failures and progress.</param>
    /// <returns>One of <see cref="ExitCode"/>.</returns>
    public static async Task<int> RunAsync(
        IReadOnlyList<string> arguments,
        TextWriter output,
        TextWriter error
    )
    {
        // Not a RootCommand: that one is called what the assembly is called, which is not diffbir.
        var root = new Command(
            "diffbir",
            "DiffBir restores photos that are noisy, blurred, small or badly compressed."
        )
        {
            new HelpOption { Recursive = true },
            new VersionOption(),
            RestoreCommand.Create(),
            DegradeCommand.Create(),
            InspectCommand.Create(),
            EvalCommand.Create(),
            FitNiqeCommand.Create(),
        };
        var parsed = root.Parse(arguments);
        var status = await parsed.InvokeAsync(
            new InvocationConfiguration { Output = output, Error = error }
        );
        return parsed.Errors.Count > 0 ? ExitCode.Usage : status;
    }
}

/// <summary>What the program tells its caller.</summary>
internal static class ExitCode
{
    /// <summary>Every input was handled.</summary>
    public const int Success = 0;

    /// <summary>Some inputs failed; the others were handled.</summary>
    public const int SomeFailed = 1;

    /// <summary>The command line was wrong; nothing was done.</summary>
    public const int Usage = 2;
}

/// <summary>A command line that cannot be carried out; the message names the option and the remedy.</summary>
internal sealed class UsageException(string message) : DiffBirException(message);
