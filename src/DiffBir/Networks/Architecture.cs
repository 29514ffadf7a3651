using System.Text.Json;
using System.Text.Json.Serialization;
using DiffBir.Graphs;

namespace DiffBir.Networks;

/// <summary>A network that files may hold: how its names tell it, how its shapes tell its sizes, which sizes are allowed, and how it is built.</summary>
internal abstract class Architecture
{
    /// <summary>Its name in reports and, in lower case, in <c>model.json</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>Its name for people, with what it is for.</summary>
    public required string Title { get; init; }

    /// <summary>Names of weights that it has and no other network. One suffices, so that a network that lacks the others is found and reported.</summary>
    public required IReadOnlyList<string> Marks { get; init; }

    /// <summary>A weight that only a similar network has; null: there is no such network.</summary>
    public string? ForeignMark { get; init; }

    /// <summary>Properties of the configuration that the weights do not tell, so that the usual value stands there.</summary>
    public IReadOnlyList<string> Assumed { get; init; } = [];

    /// <summary>Type of the configuration.</summary>
    public Type ConfigType => OfficialConfig.GetType();

    /// <summary>The official configuration.</summary>
    public abstract object OfficialConfig { get; }

    /// <summary>Finds the network among the names of a file's weights.</summary>
    /// <returns>For each network of this kind what the names of its weights begin with: empty, or ending in a dot.</returns>
    public IEnumerable<string> Recognize(IReadOnlyCollection<string> names) =>
        names
            .SelectMany(name =>
                Marks
                    .Where(mark =>
                        name.EndsWith(mark, StringComparison.Ordinal)
                        && (name.Length == mark.Length || name[name.Length - mark.Length - 1] == '.')
                    )
                    .Select(mark => name[..^mark.Length])
            )
            .Distinct()
            .Where(prefix => ForeignMark is null || !names.Contains(prefix + ForeignMark));

    /// <summary>Recovers the configuration from the shapes of the weights.</summary>
    public abstract object RecoverConfig(WeightShapes weights);

    /// <summary>Applies the rules to a configuration.</summary>
    public abstract void ValidateConfig(object config, ConfigRules rules);

    /// <summary>Graphs for inputs as small as possible that together have all weights.</summary>
    /// <exception cref="ShapeException">The configuration makes no network.</exception>
    public abstract IReadOnlyList<Graph> BuildSmallest(object config, ParameterScope scope);

    /// <summary>Whether a name below the prefix is a leftover that files of this network are known to have.</summary>
    public abstract bool IsLeftover(object config, string name);

    /// <summary>Whether two configurations say the same, lists included.</summary>
    public static bool AreSame(object a, object b) => JsonSerializer.Serialize(a) == JsonSerializer.Serialize(b);
}

/// <summary>A network whose configuration is of one type.</summary>
internal sealed class Architecture<TConfig> : Architecture
    where TConfig : notnull
{
    /// <summary>The official configuration.</summary>
    public required TConfig Official { get; init; }

    /// <summary>Recovers the configuration from the shapes of the weights.</summary>
    public required Func<WeightShapes, TConfig> Recover { get; init; }

    /// <summary>Applies the rules to a configuration.</summary>
    public required Action<TConfig, ConfigRules> Validate { get; init; }

    /// <summary>Builds graphs for inputs as small as possible that together have all weights.</summary>
    public required Func<TConfig, ParameterScope, IReadOnlyList<Graph>> Build { get; init; }

    /// <summary>Tells leftovers by their names below the prefix.</summary>
    public Func<TConfig, string, bool> Leftover { get; init; } = static (_, _) => false;

    /// <inheritdoc/>
    public override object OfficialConfig => Official;

    /// <inheritdoc/>
    public override object RecoverConfig(WeightShapes weights) => Recover(weights);

    /// <inheritdoc/>
    public override void ValidateConfig(object config, ConfigRules rules) => Validate((TConfig)config, rules);

    /// <inheritdoc/>
    public override IReadOnlyList<Graph> BuildSmallest(object config, ParameterScope scope) => Build((TConfig)config, scope);

    /// <inheritdoc/>
    public override bool IsLeftover(object config, string name) => Leftover((TConfig)config, name);
}

/// <summary>The sizes of a network that removes degradation, and how an image has to be for it.</summary>
public abstract record Stage1Config
{
    private protected Stage1Config() { }

    /// <summary>How much larger the network's output is than its input.</summary>
    [JsonIgnore]
    public virtual int OutputScale => 1;

    /// <summary>Height and width of the input must be multiples of this.</summary>
    [JsonIgnore]
    public virtual int SizeMultiple => 1;

    /// <summary>Whether images too small for stage 2 are enlarged before the network instead of behind it.</summary>
    [JsonIgnore]
    public virtual bool EnlargesFirst => false;

    /// <summary>The network of these sizes.</summary>
    [JsonIgnore]
    internal abstract Architecture Architecture { get; }

    /// <summary>Builds the network: input <c>lq</c> [B, 3, H, W] in [0, 1], output <c>clean</c>.</summary>
    internal abstract Graph Build(int batch, int height, int width);
}
