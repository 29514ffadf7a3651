using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using DiffBir.Cli.Commands;
using DiffBir.Cli.Usage;

namespace DiffBir.Cli;

/// <summary>The program: its commands and its exit codes.</summary>
internal static class DiffBirCommand
{
    private const int WidthOfText = 100;

    /// <summary>How long a stopped command may take to end in order: one operator of a network, then removing a temporary file.</summary>
    private static readonly TimeSpan StopWithin = TimeSpan.FromSeconds(15);

    /// <summary>Runs the program.</summary>
    /// <param name="arguments">The command line.</param>
    /// <param name="output">Results, and help.</param>
    /// <param name="error">Failures and progress.</param>
    /// <param name="cancellation">Stops it, as Ctrl-C does.</param>
    /// <returns>One of <see cref="ExitCode"/>.</returns>
    public static async Task<int> RunAsync(
        IReadOnlyList<string> arguments,
        TextWriter output,
        TextWriter error,
        CancellationToken cancellation = default
    )
    {
        var parsed = Create(HelpWidth(output)).Parse(arguments);
        if (parsed.Action is ParseErrorAction wrong)
        {
            wrong.ShowHelp = false; // the help of restore is longer than a screen and hides the error
        }

        var status = await parsed.InvokeAsync(
            new InvocationConfiguration
            {
                Output = output,
                Error = error,
                ProcessTerminationTimeout = StopWithin,
            },
            cancellation
        );
        if (parsed.Errors.Count == 0)
        {
            return status;
        }

        error.WriteLine($"See: {Path(parsed.CommandResult)} --help");
        return ExitCode.Usage;
    }

    /// <summary>All commands with their options.</summary>
    /// <param name="helpWidth">The longest line of a help.</param>
    public static Command Create(int helpWidth)
    {
        // Not a RootCommand: that one is called what the assembly is called, which is not diffbir.
        var program = new Command("diffbir", "DiffBir restores photos that are noisy, blurred, small or badly compressed.")
        {
            new HelpOption { Recursive = true, Action = new HelpWithHeadings(helpWidth) },
            new VersionOption(),
            RestoreCommand.Create(),
            ServeCommand.Create(),
            ModelsCommand.Create(TimeProvider.System),
            DegradeCommand.Create(),
            InspectCommand.Create(),
            EvalCommand.Create(),
            EvalModelCommand.Create(),
            FitNiqeCommand.Create(),
        };
        OptionKinds.RefuseEmptyNames(program);
        return program;
    }

    private static int HelpWidth(TextWriter output) =>
        ReferenceEquals(output, Console.Out) && !Console.IsOutputRedirected ? Console.WindowWidth : WidthOfText;

    private static string Path(System.CommandLine.Parsing.CommandResult command) =>
        command.Parent is System.CommandLine.Parsing.CommandResult parent
            ? $"{Path(parent)} {command.Command.Name}"
            : command.Command.Name;
}
