namespace DiffBir.Options;

/// <summary>All options of a restoration: the one place that knows their names, texts, ranges and defaults.</summary>
public static class OptionCatalogue
{
    private static readonly Dictionary<string, RestorationOption> ByName = new RestorationOption[][]
    {
        OptionsOfResult.All(),
        OptionsOfFiles.All(),
        OptionsOfComputation.All(),
        OptionsOfGeneration.All(),
        OptionsOfGuidance.All(),
    }
        .SelectMany(options => options)
        .ToDictionary(option => option.Name);

    /// <summary>The options in the order of a help.</summary>
    public static IReadOnlyList<RestorationOption> All { get; } = [.. ByName.Values];

    /// <summary>The options of a group.</summary>
    public static IEnumerable<RestorationOption> Of(OptionGroup group) => All.Where(option => option.Group == group);

    /// <summary>The option of a name.</summary>
    /// <exception cref="OptionException">There is none.</exception>
    public static RestorationOption Find(string name) =>
        ByName.GetValueOrDefault(name) ?? throw new OptionException($"There is no option \"{name}\".", name);

    /// <summary>Throws unless each value is in its range.</summary>
    /// <exception cref="OptionException">A value is not; the message names the option, the value and what is allowed.</exception>
    internal static void Require(RestorationRequest request)
    {
        foreach (var option in All)
        {
            option.Require(request);
        }
    }

    /// <inheritdoc cref="Require(RestorationRequest)"/>
    internal static void Require(RestorationOptions options) => Require(new RestorationRequest { Options = options });
}
