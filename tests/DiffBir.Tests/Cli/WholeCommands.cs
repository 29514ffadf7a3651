using System.CommandLine;
using DiffBir.Cli.Usage;

namespace DiffBir.Tests.Cli;

/// <summary>Commands with all their options, which they have otherwise when they are meant.</summary>
internal static class WholeCommands
{
    /// <summary>Completes a command and those below it.</summary>
    public static Command Whole(this Command command)
    {
        (command as DocumentedCommand)?.Complete();
        foreach (var subcommand in command.Subcommands)
        {
            subcommand.Whole();
        }

        return command;
    }
}
