using System.Text;
using DiffBir.Cli;

namespace DiffBir.Tests.Cli;

/// <summary>Runs the program inside the test and keeps what it said.</summary>
internal sealed record CommandLine(int ExitCode, string Output, string Error)
{
    public static Task<CommandLine> Run(params string[] arguments) => Run(CancellationToken.None, arguments);

    public static async Task<CommandLine> Run(CancellationToken cancellation, params string[] arguments)
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
        return await RunHearing(
            line =>
            {
                if (line.Contains(said, StringComparison.Ordinal))
                {
                    stop.Cancel();
                }
            },
            stop.Token,
            arguments
        );
    }

    /// <summary>Runs the program, and hears each line at the moment at which it is said.</summary>
    public static async Task<CommandLine> RunHearing(
        Action<string> hear,
        CancellationToken cancellation,
        params string[] arguments
    )
    {
        using var output = new ListeningWriter(hear);
        using var error = new ListeningWriter(hear);
        var exitCode = await DiffBirCommand.RunAsync(arguments, output, error, cancellation);
        return new CommandLine(exitCode, output.ToString(), error.ToString());
    }

    private sealed class ListeningWriter(Action<string> hear) : TextWriter
    {
        private readonly StringBuilder _text = new();

        public override Encoding Encoding => Encoding.Unicode;

        public override void Write(char value) => _text.Append(value);

        public override void WriteLine(string? value)
        {
            _text.AppendLine(value);
            hear(value ?? "");
        }

        public override string ToString() => _text.ToString();
    }
}
