using System.CommandLine;
using DiffBir.Cli.Usage;
using DiffBir.Options;
using DiffBir.Packs;

namespace DiffBir.Cli.Commands;

/// <summary>The options of <c>diffbir restore</c> that describe the restoration: those of <see cref="OptionCatalog"/> as options of a command line.</summary>
internal sealed class RestoreOptions
{
    private readonly Dictionary<RestorationOption, Option> _options = OptionCatalog.All.ToDictionary(
        option => option,
        OptionKinds.Of
    );

    /// <summary>The options of a group.</summary>
    public IEnumerable<Option> Of(OptionGroup group) => OptionCatalog.Of(group).Select(option => _options[option]);

    /// <summary>What a command line asks for.</summary>
    /// <exception cref="OptionException">A text is no value of its option.</exception>
    public RestorationRequest Read(ParseResult parsed, ModelPack pack) => RestorationRequest.Read(Texts(parsed), pack);

    /// <summary>The options that a command line gives, other than by their defaults.</summary>
    public Dictionary<string, string> Given(ParseResult parsed) =>
        new(Texts(parsed).Where(text => parsed.GetResult(_options[OptionCatalog.Find(text.Key)]) is { Implicit: false }));

    private IEnumerable<KeyValuePair<string, string>> Texts(ParseResult parsed) =>
        from option in _options
        let text = OptionKinds.TextOf(parsed, option.Value)
        where text is not null
        select KeyValuePair.Create(option.Key.Name, text);
}
