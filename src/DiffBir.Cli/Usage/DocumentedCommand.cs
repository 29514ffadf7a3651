using System.CommandLine;

namespace DiffBir.Cli.Usage;

/// <summary>A command whose help has headings between its options, and examples.</summary>
internal sealed class DocumentedCommand(string name, string description) : Command(name, description)
{
    private readonly Dictionary<Option, string> _headings = [];

    /// <summary>Command lines that work as they are.</summary>
    public IReadOnlyList<string> Examples { get; init; } = [];

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
