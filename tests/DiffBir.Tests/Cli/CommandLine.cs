using System.Text;
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

    /// <summary>Runs the program, and stops it as Ctrl-C does when it says something.</summary>
    public static async Task<CommandLine> RunUntil(string said, params string[] arguments)
    {
        using var stop = new CancellationTokenSource();
        using var output = new ListeningWriter(said, stop.Cancel);
        using var error = new ListeningWriter(said, stop.Cancel);
        var exitCode = await DiffBirCommand.RunAsync(arguments, output, error, stop.Token);
        return new CommandLine(exitCode, output.ToString(), error.ToString());
    }

    private sealed class ListeningWriter(string awaited, Action act) : TextWriter
    {
        private readonly StringBuilder _text = new();

        public override Encoding Encoding => Encoding.Unicode;

        public override void Write(char value) => _text.Append(value);

        public override void WriteLine(string? value)
        {
            _text.AppendLine(value);
            if (value?.Contains(awaited, StringComparison.Ordinal) == true)
            {
                act();
            }
        }

        public override string ToString() => _text.ToString();
    }
}
