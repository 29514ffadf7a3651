using System.Text.Json.Serialization;
using DiffBir.Graphs;

namespace DiffBir.Networks;

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
