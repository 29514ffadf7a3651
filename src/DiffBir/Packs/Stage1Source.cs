using System.Text.Json.Serialization;
using DiffBir.Graphs;
using DiffBir.Networks;

namespace DiffBir.Packs;

/// <summary>A network of stage 1: its kind, its sizes, and where its weights are.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(SwinIrSource), "swinir")]
[JsonDerivedType(typeof(RrdbNetSource), "rrdbnet")]
[JsonDerivedType(typeof(ScuNetSource), "scunet")]
public abstract record Stage1Source
{
    private protected Stage1Source() { }

    /// <summary>The key of the file.</summary>
    public required string File { get; init; }

    /// <summary>What the names of its weights begin with in the file.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>How much larger the network's output is than its input.</summary>
    [JsonIgnore]
    public virtual int Scale => 1;

    /// <summary>Height and width of the input must be multiples of this.</summary>
    [JsonIgnore]
    public virtual int SizeMultiple => 1;

    /// <summary>Whether images too small for stage 2 are enlarged before the network instead of behind it.</summary>
    [JsonIgnore]
    public virtual bool EnlargesFirst => false;

    /// <summary>Which network it is, and its sizes.</summary>
    internal abstract (NetworkKind Kind, object Sizes) Network { get; }

    /// <summary>The network: input <c>lq</c>, output <c>clean</c>.</summary>
    public abstract Graph Build(int batch, int height, int width);
}

/// <summary>SwinIR.</summary>
public sealed record SwinIrSource : Stage1Source
{
    /// <summary>The sizes.</summary>
    public SwinIrConfig Sizes { get; init; } = new();

    /// <inheritdoc/>
    public override int SizeMultiple => Sizes.SizeMultiple;

    /// <inheritdoc/>
    public override bool EnlargesFirst => true;

    internal override (NetworkKind Kind, object Sizes) Network => (NetworkKind.SwinIr, Sizes);

    /// <inheritdoc/>
    public override Graph Build(int batch, int height, int width) => SwinIr.Build(Sizes, batch, height, width);
}

/// <summary>RRDBNet, which enlarges by itself.</summary>
public sealed record RrdbNetSource : Stage1Source
{
    /// <summary>The sizes.</summary>
    public RrdbNetConfig Sizes { get; init; } = new();

    /// <inheritdoc/>
    public override int Scale => Sizes.Scale;

    /// <inheritdoc/>
    public override int SizeMultiple => Sizes.Unshuffle;

    /// <inheritdoc/>
    public override bool EnlargesFirst => Sizes.Scale == 1;

    internal override (NetworkKind Kind, object Sizes) Network => (NetworkKind.RrdbNet, Sizes);

    /// <inheritdoc/>
    public override Graph Build(int batch, int height, int width) => RrdbNet.Build(Sizes, batch, height, width);
}

/// <summary>SCUNet.</summary>
public sealed record ScuNetSource : Stage1Source
{
    /// <summary>The sizes.</summary>
    public ScuNetConfig Sizes { get; init; } = new();

    internal override (NetworkKind Kind, object Sizes) Network => (NetworkKind.ScuNet, Sizes);

    /// <inheritdoc/>
    public override Graph Build(int batch, int height, int width) => ScuNet.Build(Sizes, batch, height, width);
}
