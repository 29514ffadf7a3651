using System.CommandLine;

namespace DiffBir.Cli.Usage;

/// <summary>A command whose help has headings between its options, and examples; it may have its options only when it is meant.</summary>
/// <remarks>To make the options of all commands takes longer than everything else that the help of the program needs.</remarks>
internal sealed class DocumentedCommand(string name, string description) : Command(name, description)
{
    private readonly Dictionary<Option, string> _headings = [];
    private Action? _rest;

    /// <summary>Command lines that work as they are.</summary>
    public IReadOnlyList<string> Examples { get; init; } = [];

    /// <summary>Parses a command line with all options of the command that it means.</summary>
    /// <param name="parse">Parses it; called again where the command was not whole.</param>
    public static ParseResult Parse(Func<ParseResult> parse)
    {
        var parsed = parse();
        if (parsed.CommandResult.Command is not DocumentedCommand { _rest: not null } meant)
        {
            return parsed;
        }

        meant.Complete();
        return parse();
    }

    /// <summary>Leaves options and action to the time when the command is meant; arguments are shown before.</summary>
    /// <param name="rest">Adds them.</param>
    public void AddLater(Action rest) => _rest = rest;

    /// <summary>Adds what was left to later.</summary>
    public void Complete()
    {
        var rest = _rest;
        _rest = null;
        rest?.Invoke();
    }

    /// <summary>Adds options under a heading.</summary>
    public void Add(string heading, IEnumerable<Option> options)
    {
        foreach (var option in options)
        {
            _headings.TryAdd(option, heading);
            Add(option);
        }
    }

    /// <summary>The heading that an option stands under; null for those above the first one.</summary>
    public string? HeadingOf(Option option) => _headings.GetValueOrDefault(option);
}
