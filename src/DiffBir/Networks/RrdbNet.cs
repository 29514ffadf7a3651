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

    internal override Architecture Architecture => RrdbNet.Architecture;

    /// <inheritdoc/>
    public override Graph Build(int batch, int height, int width) => RrdbNet.Build(this, batch, height, width);
}

/// <summary>RRDBNet (Wang et al., ESRGAN 2018) in the naming of BSRGAN: the degradation removal for super-resolution.</summary>
public static class RrdbNet
{
    private const double Slope = 0.2;
    private const double ResidualScale = 0.2;
    private const double Grey = 0.5; // taken away in front of an unshuffled trunk, given back behind it

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
    public static Node Append(GraphBuilder g, RrdbNetConfig config, ParameterScope scope, Node lq)
    {
        if (config.Unshuffle == 1)
        {
            return Enlarge(g, config, scope, Trunk(g, config, scope, lq));
        }

        var squares = g.PixelUnshuffle(g.Affine(lq, 1, -Grey), config.Unshuffle);
        var pixels = 3 * config.Unshuffle * config.Unshuffle;
        var h = Conv(g, scope / "conv_last", Trunk(g, config, scope, squares), pixels);
        return g.Affine(g.PixelShuffle(h, config.Unshuffle), 1, Grey);
    }

    private static Node Trunk(GraphBuilder g, RrdbNetConfig config, ParameterScope scope, Node x)
    {
        var features = Conv(g, scope / "conv_first", x, config.Channels);
        var trunk = features;
        for (var block = 0; block < config.Blocks; block++)
        {
            trunk = ResidualInResidual(g, config, scope / "RRDB_trunk" / block, trunk);
        }

        return g.Add(features, Conv(g, scope / "trunk_conv", trunk, config.Channels));
    }

    private static Node Enlarge(GraphBuilder g, RrdbNetConfig config, ParameterScope scope, Node h)
    {
        h = Enlarge(g, scope / "upconv1", h);
        if (config.Scale == 4)
        {
            h = Enlarge(g, scope / "upconv2", h);
        }

        h = g.LeakyRelu(Conv(g, scope / "HRconv", h, config.Channels), Slope);
        return Conv(g, scope / "conv_last", h, 3);
    }

    /// <summary>The network: input <c>lq</c> [B, 3, H, W] in [0, 1], output <c>clean</c>.</summary>
    public static Graph Build(RrdbNetConfig config, int batch, int height, int width, ParameterScope scope = default)
    {
        var g = new GraphBuilder("RRDBNet");
        return g.Build(("clean", Append(g, config, scope, g.Input("lq", [batch, 3, height, width]))));
    }

    private static Node ResidualInResidual(GraphBuilder g, RrdbNetConfig config, ParameterScope scope, Node x)
    {
        var h = x;
        for (var block = 1; block <= 3; block++)
        {
            h = Dense(g, config, scope / $"RDB{block}", h);
        }

        return g.Add(g.Affine(h, ResidualScale), x);
    }

    // Each convolution sees the outputs of all before it.
    private static Node Dense(GraphBuilder g, RrdbNetConfig config, ParameterScope scope, Node x)
    {
        List<Node> seen = [x];
        for (var layer = 1; layer <= 4; layer++)
        {
            var h = Conv(g, scope / $"conv{layer}", g.Concat(1, [.. seen]), config.Growth);
            seen.Add(g.LeakyRelu(h, Slope));
        }

        var last = Conv(g, scope / "conv5", g.Concat(1, [.. seen]), config.Channels);
        return g.Add(g.Affine(last, ResidualScale), x);
    }

    private static Node Enlarge(GraphBuilder g, ParameterScope scope, Node x) =>
        g.LeakyRelu(Conv(g, scope, g.UpsampleNearest(x, 2), x.Shape[1]), Slope);

    private static Node Conv(GraphBuilder g, ParameterScope scope, Node x, int channels) =>
        g.Conv2d(x, scope, channels, 3, padding: Padding.Same(1));

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
            rules.Require(config.Scale == 1, config.Scale, $"1 with an unshuffle of {config.Unshuffle}");
        }
    }
}
