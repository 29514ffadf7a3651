using System.CommandLine;
using System.CommandLine.Invocation;

namespace DiffBir.Cli.Usage;

/// <summary>Answers <c>--help</c> with <see cref="HelpText"/>.</summary>
/// <param name="width">The longest line.</param>
internal sealed class HelpWithHeadings(int width) : SynchronousCommandLineAction
{
    /// <inheritdoc/>
    public override bool ClearsParseErrors => true;

    /// <inheritdoc/>
    public override int Invoke(ParseResult parseResult)
    {
        parseResult.InvocationConfiguration.Output.Write(new HelpText(parseResult.CommandResult.Command, width));
        return ExitCode.Success;
    }
}
