using System.CommandLine;
using System.CommandLine.Help;
using DiffBir.Cli.Commands;
using DiffBir.Cli.Usage;
using DiffBir.Engine;

namespace DiffBir.Cli;

/// <summary>The program: its commands and its exit codes.</summary>
internal static class DiffBirCommand
{
    private const int WidthOfText = 100;

    /// <summary>How long the server may take to end in order: restorations are put back, and what has been promised is written.</summary>
    private static readonly TimeSpan ServerPatience = TimeSpan.FromSeconds(15);

    /// <summary>Runs the program.</summary>
    /// <param name="arguments">The command line.</param>
    /// <param name="output">Results, and help.</param>
    /// <param name="error">Failures and progress.</param>
    /// <param name="cancellation">Stops it, as Ctrl-C does.</param>
    /// <returns>One of <see cref="ExitCode"/>.</returns>
    public static Task<int> RunAsync(
        IReadOnlyList<string> arguments,
        TextWriter output,
        TextWriter error,
        CancellationToken cancellation = default
    )
    {
        var command = Create(HelpWidth(output));
        if (arguments is [var directive, ..] && Suggestions.IsAskedFor(directive))
        {
            Suggestions.Write(command, arguments.Skip(1).LastOrDefault() ?? "", output);
            return Task.FromResult(ExitCode.Success);
        }

        var parsed = DocumentedCommand.Parse(() => command.Parse(arguments));
        var patience = parsed.CommandResult.Command.Name switch
        {
            ServeCommand.Name => ServerPatience,
            WorkerCommand.Name => WorkerCommand.DrainTime + CommandRunner.Patience,
            _ => CommandRunner.Patience,
        };
        return CommandRunner.RunAsync(parsed, output, error, patience, cancellation);
    }

    /// <summary>All commands; each has its options when it is meant.</summary>
    /// <param name="helpWidth">The longest line of a help.</param>
    public static Command Create(int helpWidth)
    {
        var (models, cluster) = (ModelsCommand.Create(TimeProvider.System), ClusterCommand.Create());
        // Not a RootCommand: that one is called what the assembly is called, which is not diffbir.
        var command = new Command("diffbir", "DiffBir restores photos that are noisy, blurred, small or badly compressed.")
        {
            new HelpOption { Recursive = true, Action = new HelpWithHeadings(helpWidth) },
            new VersionOption(),
            RestoreCommand.Create(),
            ServeCommand.Create(),
            WorkerCommand.Create(),
            cluster,
            models,
            DegradeCommand.Create(),
            DevicesCommand.Create(DeviceProbe.Here),
            InspectCommand.Create(),
            EvalCommand.Create(TimeProvider.System),
            EvalModelCommand.Create(),
            FitNiqeCommand.Create(),
            CompletionCommand.Create(),
        };
        // Whoever asks for nothing is told what there is.
        foreach (var incomplete in (Command[])[command, models, cluster])
        {
            incomplete.SetAction(parsed => new HelpWithHeadings(helpWidth).Invoke(parsed));
        }

        return command;
    }

    private static int HelpWidth(TextWriter output) =>
        ReferenceEquals(output, Console.Out) && !Console.IsOutputRedirected ? Console.WindowWidth : WidthOfText;
}
