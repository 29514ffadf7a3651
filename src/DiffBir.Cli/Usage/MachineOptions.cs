using System.CommandLine;
using DiffBir.Options;

namespace DiffBir.Cli.Usage;

/// <summary>Options of a restoration that are a matter of the machine, not of the photo: who runs it decides on them, for all photos.</summary>
internal sealed class MachineOptions
{
    /// <summary>Their names.</summary>
    public static readonly IReadOnlyList<string> Names = ["max-memory", "device", "precision", "threads", "face-cascade"];

    private readonly Dictionary<string, Option> _options = Names.ToDictionary(
        name => name,
        name => OptionKinds.Of(OptionCatalog.Find(name))
    );

    /// <summary>The options.</summary>
    public IReadOnlyCollection<Option> All => _options.Values;

    /// <summary>What a command line gives.</summary>
    public Dictionary<string, string> Read(ParseResult parsed)
    {
        var given = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, option) in _options)
        {
            if (OptionKinds.TextOf(parsed, option) is { } text)
            {
                given[name] = text;
            }
        }

        return given;
    }
}
