using System.Text.Json.Serialization;
using DiffBir.Graphs;

namespace DiffBir.Networks;

/// <summary>The sizes of <see cref="DruNet"/>.</summary>
public sealed record DruNetConfig : Stage1Config
{
    /// <summary>DRUNet as its authors trained it, without the map of noise levels.</summary>
    public static DruNetConfig Official { get; } = new();

    /// <summary>Channels of every level, the body last; each level has half the height and width of the one before.</summary>
    public IReadOnlyList<int> Channels { get; init; } = [64, 128, 256, 512];

    /// <summary>Residual blocks of the levels on the way down, of the body, and of the levels on the way up.</summary>
    public IReadOnlyList<int> Blocks { get; init; } = [4, 4, 4, 4, 4, 4, 4];

    /// <summary>Whether convolutions have biases; none in DRUNet, so that twice the contrast comes out twice as strong.</summary>
    public bool Biases { get; init; }

    /// <summary>Side of the square of pixels that the first level sees as one; 1 in DRUNet.</summary>
    public int Unshuffle { get; init; } = 1;

    /// <inheritdoc/>
    [JsonIgnore]
    public override int SizeMultiple => Unshuffle << (Channels.Count - 1);

    /// <inheritdoc/>
    [JsonIgnore]
    public override bool EnlargesFirst => true;

    internal override Architecture Architecture => DruNet.Architecture;

    /// <inheritdoc/>
    internal override Graph Build(int batch, int height, int width) => DruNet.Build(this, batch, height, width);
}

/// <summary>DRUNet (Zhang et al., arXiv 2008.13751; KAIR's <c>UNetRes</c>): a U-Net of residual blocks whose ways down and up are added.</summary>
internal static class DruNet
{
    /// <summary>How the network is known.</summary>
    internal static Architecture<DruNetConfig> Architecture { get; } =
        new()
        {
            Kind = "DruNet",
            Title = "DRUNet without a map of noise levels (stage 1)",
            Marks = ["m_head.weight", "m_tail.weight"],
            Official = DruNetConfig.Official,
            Recover = Recover,
            Validate = Validate,
            Build = (config, scope) => [Build(config, 1, config.SizeMultiple, config.SizeMultiple, scope)],
        };

    /// <summary>Appends the network to an image [B, 3, H, W] in [0, 1]; the result has the same size.</summary>
    internal static Node Append(LayerScope<DruNetConfig> s, Node lq)
    {
        var (g, config) = s;
        return config.Unshuffle == 1
            ? Levels(s, lq)
            : UnshuffledImage.Apply(g, lq, config.Unshuffle, squares => Levels(s, squares));
    }

    /// <summary>The network: input <c>lq</c> [B, 3, H, W] in [0, 1], output <c>clean</c>.</summary>
    public static Graph Build(DruNetConfig config, int batch, int height, int width, ParameterScope scope = default)
    {
        var g = new GraphBuilder("DRUNet");
        return g.Build(("clean", Append(g.At(scope, config), g.Input("lq", [batch, 3, height, width]))));
    }

    private static Node Levels(LayerScope<DruNetConfig> s, Node image)
    {
        var (g, config) = s;
        var downs = config.Channels.Count - 1;
        var x = s["m_head"].Conv3x3(image, config.Channels[0], config.Biases);
        var skips = new Stack<Node>([x]);
        for (var level = 1; level <= downs; level++)
        {
            var down = s[$"m_down{level}"];
            var blocks = config.Blocks[level - 1];
            x = Blocks(down, x, first: 0, blocks);
            x = down[blocks].StridedConv2d(x, config.Channels[level], stride: 2, config.Biases);
            skips.Push(x);
        }

        x = Blocks(s["m_body"], x, first: 0, config.Blocks[downs]);
        for (var level = downs; level >= 1; level--)
        {
            var up = s[$"m_up{level}"];
            x = up[0].ConvTranspose2d(g.Add(x, skips.Pop()), config.Channels[level - 1], stride: 2, config.Biases);
            x = Blocks(up, x, first: 1, config.Blocks[^level]);
        }

        return s["m_tail"].Conv3x3(g.Add(x, skips.Pop()), image.Shape[1], config.Biases);
    }

    private static Node Blocks(LayerScope<DruNetConfig> s, Node x, int first, int count)
    {
        for (var block = first; block < first + count; block++)
        {
            x = Residual(s[block], x);
        }

        return x;
    }

    private static Node Residual(LayerScope<DruNetConfig> s, Node x)
    {
        var h = s["res.0"].Conv3x3(x, x.Shape[1], s.Config.Biases);
        return s.Graph.Add(x, s["res.2"].Conv3x3(s.Graph.Apply(UnaryFunction.Relu, h), x.Shape[1], s.Config.Biases));
    }

    private static DruNetConfig Recover(WeightShapes weights)
    {
        var downs = Enumerable
            .Range(1, ConfigRules.MaxLevels - 1)
            .TakeWhile(level => weights.HasBelow($"m_down{level}"))
            .ToArray();
        var down = Array.ConvertAll(downs, level => Count($"m_down{level}") - 1);
        return new()
        {
            Channels =
            [
                weights.Size("m_head.weight", 0, otherwise: 1),
                .. downs.Select((level, i) => weights.Size($"m_down{level}.{down[i]}.weight", 0, otherwise: 1)),
            ],
            Blocks = [.. down, Count("m_body"), .. downs.Reverse().Select(level => Count($"m_up{level}") - 1)],
            Biases = weights.Has("m_head.bias"),
            Unshuffle = Math.Max(1, (int)Math.Sqrt(weights.Size("m_head.weight", 1, otherwise: 3) / 3)),
        };

        int Count(string path) => Math.Max(1, weights.Count(path, ConfigRules.MaxBlocks));
    }

    private static void Validate(DruNetConfig config, ConfigRules rules)
    {
        rules.Count(config.Channels, 1, ConfigRules.MaxLevels);
        rules.Each(config.Channels, 1, ConfigRules.MaxChannels);
        var parts = (2 * config.Channels.Count) - 1;
        rules.Count(config.Blocks, parts, parts);
        rules.Each(config.Blocks, 0, ConfigRules.MaxBlocks);
        rules.OneOf(config.Unshuffle, [1, 2, 4, 8]);
    }
}
