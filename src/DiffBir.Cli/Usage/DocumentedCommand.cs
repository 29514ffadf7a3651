using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace DiffBir.Cli.Usage;

/// <summary>A command whose help has headings between its options, and examples.</summary>
internal sealed class DocumentedCommand(string name, string description) : Command(name, description)
{
    /// <summary>The headings, each with the name of the first option below it.</summary>
    public Dictionary<string, string> Headings { get; } = [];

    /// <summary>Command lines that work as they are.</summary>
    public IReadOnlyList<string> Examples { get; init; } = [];

    /// <summary>Adds options under a heading.</summary>
    public void Add(string heading, IEnumerable<Option> options)
    {
        foreach (var option in options)
        {
            Headings.TryAdd(heading, option.Name);
            Add(option);
        }
    }
}

/// <summary>The usual help, with headings and examples for the commands that have them.</summary>
/// <param name="width">The longest line.</param>
internal sealed class HelpWithHeadings(int width) : SynchronousCommandLineAction
{
    /// <inheritdoc/>
    public override bool ClearsParseErrors => true;

    /// <inheritdoc/>
    public override int Invoke(ParseResult parseResult)
    {
        var configuration = parseResult.InvocationConfiguration;
        var output = configuration.Output;
        using var text = new StringWriter();
        configuration.Output = text;
        new HelpAction { MaxWidth = width }.Invoke(parseResult);
        configuration.Output = output;
        output.Write(
            parseResult.CommandResult.Command is DocumentedCommand command ? Document(text.ToString(), command) : text.ToString()
        );
        return ExitCode.Success;
    }

    private static string Document(string help, DocumentedCommand command)
    {
        var newLine = Environment.NewLine;
        foreach (var (heading, option) in command.Headings)
        {
            help = help.Replace(
                $"{newLine}  {option} ",
                $"{newLine}{newLine}{heading}:{newLine}  {option} ",
                StringComparison.Ordinal
            );
        }

        var examples = command.Examples.Select(example => $"  {example}{newLine}");
        return $"{help.TrimEnd()}{newLine}{newLine}Examples:{newLine}{string.Concat(examples)}";
    }
}
