using DiffBir.Cli;

namespace DiffBir.Tests.Cli;

/// <summary>Runs the program inside the test and keeps what it said.</summary>
internal sealed record CommandLine(int ExitCode, string Output, string Error)
{
    public static Task<CommandLine> Run(params string[] arguments) =>
        Run(CancellationToken.None, arguments);

    public static async Task<CommandLine> Run(
        CancellationToken cancellation,
        params string[] arguments
    )
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var exitCode = await DiffBirCommand.RunAsync(arguments, output, error, cancellation);
        return new CommandLine(exitCode, output.ToString(), error.ToString());
    }
}
