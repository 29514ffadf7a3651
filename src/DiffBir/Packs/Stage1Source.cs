using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using DiffBir.Graphs;
using DiffBir.Networks;

namespace DiffBir.Packs;

/// <summary>A network of stage 1: its kind, its sizes, and where its weights are.</summary>
public abstract record Stage1Source
{
    private protected Stage1Source() { }

    /// <summary>The key of the file.</summary>
    public required string File { get; init; }

    /// <summary>What the names of its weights begin with in the file.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>How much larger the network's output is than its input.</summary>
    public int Scale => Config.OutputScale;

    /// <summary>Height and width of the input must be multiples of this.</summary>
    public int SizeMultiple => Config.SizeMultiple;

    /// <summary>Whether images too small for stage 2 are enlarged before the network instead of behind it.</summary>
    public bool EnlargesFirst => Config.EnlargesFirst;

    /// <summary>The sizes, of whichever kind they are.</summary>
    [JsonIgnore]
    public abstract Stage1Config Config { get; }

    /// <summary>The network: input <c>lq</c>, output <c>clean</c>.</summary>
    internal Graph Build(int batch, int height, int width) => Config.Build(batch, height, width);

    /// <summary>Teaches a serializer the kinds: <c>"kind"</c> in JSON decides which sizes are meant.</summary>
    internal static Action<JsonTypeInfo> Kinds(Architectures architectures) =>
        type =>
        {
            if (type.Type != typeof(Stage1Source))
            {
                return;
            }

            type.PolymorphismOptions = new JsonPolymorphismOptions { TypeDiscriminatorPropertyName = "kind" };
            foreach (var architecture in architectures.Stage1)
            {
                var source = typeof(Stage1Source<>).MakeGenericType(architecture.ConfigType);
                type.PolymorphismOptions.DerivedTypes.Add(new JsonDerivedType(source, KindOf(architecture)));
            }
        };

    /// <summary>How <c>model.json</c> calls a network.</summary>
    internal static string KindOf(Architecture architecture) => architecture.Kind.ToLowerInvariant();
}

/// <summary>A network of stage 1 whose sizes are of one type.</summary>
public sealed record Stage1Source<TConfig> : Stage1Source
    where TConfig : Stage1Config, new()
{
    /// <summary>The sizes; the official ones where they are left out.</summary>
    public TConfig Sizes { get; init; } = new();

    /// <inheritdoc/>
    [JsonIgnore]
    public override Stage1Config Config => Sizes;
}
