using System.Text.Json.Serialization;
using DiffBir.Graphs;

namespace DiffBir.Networks;

/// <summary>The sizes of <see cref="RrdbNet"/>.</summary>
public sealed record RrdbNetConfig : Stage1Config
{
    /// <summary>BSRNet (Zhang et al., ICCV 2021).</summary>
    public static RrdbNetConfig BsrNet { get; } = new();

    /// <summary>Channels of the trunk.</summary>
    public int Channels { get; init; } = 64;

    /// <summary>Residual-in-residual dense blocks.</summary>
    public int Blocks { get; init; } = 23;

    /// <summary>Channels that each dense convolution adds.</summary>
    public int Growth { get; init; } = 32;

    /// <summary>The enlargement: 2 or 4; 1 with an <see cref="Unshuffle"/>.</summary>
    public int Scale { get; init; } = 4;

    /// <summary>
    /// Side of the square of pixels that the trunk sees as one; 1 in BSRNet. Above 1 the image keeps its size, and the last
    /// convolution gives each square's pixels at once: a fraction of the cost.
    /// </summary>
    public int Unshuffle { get; init; } = 1;

    /// <inheritdoc/>
    [JsonIgnore]
    public override int OutputScale => Scale;

    /// <inheritdoc/>
    [JsonIgnore]
    public override int SizeMultiple => Unshuffle;

    /// <inheritdoc/>
    [JsonIgnore]
    public override bool EnlargesFirst => Scale == 1;

    /// <summary>What files call the layers.</summary>
    [JsonIgnore]
    internal RrdbNetNames Names { get; init; } = RrdbNetNames.Bsrgan;

    internal override Architecture Architecture => RrdbNet.Architecture;

    /// <inheritdoc/>
    internal override Graph Build(int batch, int height, int width) => RrdbNet.Build(this, batch, height, width);
}

/// <summary>What files call the layers of an RRDBNet, where they differ.</summary>
/// <param name="Trunk">The residual-in-residual blocks.</param>
/// <param name="DenseBlocks">The three dense blocks of each.</param>
/// <param name="TrunkEnd">The convolution behind them.</param>
/// <param name="Doublings">The convolutions behind each doubling of the size.</param>
/// <param name="Last">The last convolution but one.</param>
internal sealed record RrdbNetNames(
    string Trunk,
    IReadOnlyList<string> DenseBlocks,
    string TrunkEnd,
    IReadOnlyList<string> Doublings,
    string Last
)
{
    /// <summary>The names of BSRGAN's files.</summary>
    public static RrdbNetNames Bsrgan { get; } =
        new(Trunk: "RRDB_trunk", ["RDB1", "RDB2", "RDB3"], TrunkEnd: "trunk_conv", ["upconv1", "upconv2"], Last: "HRconv");
}

/// <summary>RRDBNet (Wang et al., ESRGAN 2018) in the naming of BSRGAN: the degradation removal for super-resolution.</summary>
internal static class RrdbNet
{
    private const double Slope = 0.2;
    private const double ResidualScale = 0.2;

    /// <summary>How much stronger the trunk is behind a block whose dense blocks add nothing.</summary>
    internal const double GainOfEmptyBlock = 1 + ResidualScale;

    /// <summary>How the network is known.</summary>
    internal static Architecture<RrdbNetConfig> Architecture { get; } =
        new()
        {
            Kind = "RrdbNet",
            Title = "RRDBNet (BSRNet: stage 1, super-resolution)",
            Marks = ["RRDB_trunk.0.RDB1.conv1.weight", "RRDB_trunk.0.RDB1.conv1.bias"],
            Official = RrdbNetConfig.BsrNet,
            Recover = Recover,
            Validate = Validate,
            Build = (config, scope) => [Build(config, 1, config.SizeMultiple, config.SizeMultiple, scope)],
        };

    /// <summary>Appends the network to an image [B, 3, H, W] in [0, 1]; the result is <see cref="RrdbNetConfig.Scale"/> times as large.</summary>
    internal static Node Append(LayerScope<RrdbNetConfig> s, Node lq)
    {
        var (g, config) = s;
        if (config.Unshuffle == 1)
        {
            return Enlarge(s, Trunk(s, lq));
        }

        return UnshuffledImage.Apply(
            g,
            lq,
            config.Unshuffle,
            squares => s["conv_last"].Conv3x3(Trunk(s, squares), squares.Shape[1])
        );
    }

    /// <summary>The network: input <c>lq</c> [B, 3, H, W] in [0, 1], output <c>clean</c>.</summary>
    public static Graph Build(RrdbNetConfig config, int batch, int height, int width, ParameterScope scope = default)
    {
        var g = new GraphBuilder("RRDBNet");
        return g.Build(("clean", Append(g.At(scope, config), g.Input("lq", [batch, 3, height, width]))));
    }

    private static Node Trunk(LayerScope<RrdbNetConfig> s, Node x)
    {
        var channels = s.Config.Channels;
        var features = s["conv_first"].Conv3x3(x, channels);
        var trunk = features;
        for (var block = 0; block < s.Config.Blocks; block++)
        {
            trunk = ResidualInResidual(s[s.Config.Names.Trunk][block], trunk);
        }

        return s.Graph.Add(features, s[s.Config.Names.TrunkEnd].Conv3x3(trunk, channels));
    }

    private static Node Enlarge(LayerScope<RrdbNetConfig> s, Node h)
    {
        var (g, config) = s;
        foreach (var name in config.Names.Doublings.Take(int.Log2(config.Scale)))
        {
            h = g.LeakyRelu(s[name].Conv3x3(g.UpsampleNearest(h, 2), config.Channels), Slope);
        }

        h = g.LeakyRelu(s[config.Names.Last].Conv3x3(h, config.Channels), Slope);
        return s["conv_last"].Conv3x3(h, 3);
    }

    private static Node ResidualInResidual(LayerScope<RrdbNetConfig> s, Node x)
    {
        var h = x;
        foreach (var name in s.Config.Names.DenseBlocks)
        {
            h = Dense(s[name], h);
        }

        return s.Graph.Add(s.Graph.Affine(h, ResidualScale), x);
    }

    // Each convolution sees the outputs of all before it.
    private static Node Dense(LayerScope<RrdbNetConfig> s, Node x)
    {
        var (g, config) = s;
        List<Node> seen = [x];
        foreach (var name in (string[])["conv1", "conv2", "conv3", "conv4"])
        {
            seen.Add(g.LeakyRelu(s[name].Conv3x3(g.Concat(1, [.. seen]), config.Growth), Slope));
        }

        var last = s["conv5"].Conv3x3(g.Concat(1, [.. seen]), config.Channels);
        return g.Add(g.Affine(last, ResidualScale), x);
    }

    /// <summary>Recovers the sizes from the shapes of the weights.</summary>
    internal static RrdbNetConfig Recover(WeightShapes weights)
    {
        var official = RrdbNetConfig.BsrNet;
        var unshuffle = (int)Math.Sqrt(weights.Size("conv_first.weight", 1, otherwise: 3) / 3);
        return new()
        {
            Channels = weights.Size("conv_first.weight", 0, official.Channels),
            Growth = weights.Size("RRDB_trunk.0.RDB1.conv1.weight", 0, official.Growth),
            Blocks = weights.Count("RRDB_trunk", ConfigRules.MaxBlocks),
            Scale =
                unshuffle > 1 ? 1
                : weights.HasBelow("upconv2") ? 4
                : 2,
            Unshuffle = unshuffle,
        };
    }

    private static void Validate(RrdbNetConfig config, ConfigRules rules)
    {
        rules.Within(config.Channels, 1, ConfigRules.MaxChannels);
        rules.Within(config.Blocks, 1, ConfigRules.MaxBlocks);
        rules.Within(config.Growth, 1, ConfigRules.MaxChannels);
        rules.OneOf(config.Unshuffle, [1, 2, 4, 8]);
        if (config.Unshuffle == 1)
        {
            rules.OneOf(config.Scale, [2, 4]);
        }
        else
        {
            rules.Validate(config.Scale == 1, config.Scale, $"1 with an unshuffle of {config.Unshuffle}");
        }
    }
}
