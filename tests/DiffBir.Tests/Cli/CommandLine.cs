using DiffBir.Cli;

namespace DiffBir.Tests.Cli;

/// <summary>Runs the program inside the test and keeps what it said.</summary>
internal sealed record CommandLine(int ExitCode, string Output, string Error)
{
    public static async Task<CommandLine> Run(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var exitCode = await DiffBirCommand.RunAsync(arguments, output, error);
        return new CommandLine(exitCode, output.ToString(), error.ToString());
    }
}
