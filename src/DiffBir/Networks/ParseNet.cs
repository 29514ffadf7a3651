using DiffBir.Graphs;

namespace DiffBir.Networks;

/// <summary>The sizes of <see cref="ParseNet"/>.</summary>
internal sealed record ParseNetConfig
{
    /// <summary>Channels at full size.</summary>
    public int Channels { get; init; } = 64;

    /// <summary>Channels are doubled at each halving of the size up to this.</summary>
    public int MaxChannels { get; init; } = 256;

    /// <summary>Halvings of the size.</summary>
    public int Halvings { get; init; } = 4;

    /// <summary>Blocks at the smallest size.</summary>
    public int Blocks { get; init; } = 10;

    /// <summary>Parts of a face that are told apart.</summary>
    public int Classes { get; init; } = 19;
}

/// <summary>ParseNet (Chen et al., PSFR-GAN, 2021): says of each pixel of an aligned face which part of it it shows.</summary>
internal static class ParseNet
{
    private const double Slope = 0.2;

    /// <summary>How the network is known.</summary>
    internal static Architecture<ParseNetConfig> Architecture { get; } =
        new()
        {
            Kind = "ParseNet",
            Title = "ParseNet (tells the parts of an aligned face apart)",
            Marks = ["out_mask_conv.conv2d.weight", "encoder.1.shortcut_func.conv2d.weight"],
            Official = new ParseNetConfig(),
            Recover = Recover,
            Validate = Validate,
            Build = (config, scope) => [Build(config, 2 << config.Halvings, 2 << config.Halvings, scope)],
            // The picture that it was also trained to draw is not used.
            Leftover = (_, name) => FoldedBatchNorm.IsCount(name) || name.StartsWith("out_img_conv.", StringComparison.Ordinal),
        };

    /// <summary>
    /// The network: input <c>face</c> [1, 3, H, W], blue, green and red in [−1, 1], sides multiples of 2^halvings; output <c>logits</c>
    /// [1, classes, H, W].
    /// </summary>
    public static Graph Build(ParseNetConfig config, int height, int width, ParameterScope scope = default)
    {
        var g = new GraphBuilder("ParseNet");
        var s = g.At(scope, config);
        var encoder = s["encoder"];
        var h = Conv(encoder[0], g.Input("face", [1, 3, height, width]), config.Channels);
        for (var level = 1; level <= config.Halvings; level++)
        {
            h = Halved(encoder[level], h, ChannelsOf(config, level));
        }

        var features = h;
        for (var block = 0; block < config.Blocks; block++)
        {
            h = g.Add(h, Two(s["body"][block], h, ChannelsOf(config, config.Halvings), 1));
        }

        h = g.Add(features, h);
        for (var level = config.Halvings - 1; level >= 0; level--)
        {
            h = Doubled(s["decoder"][config.Halvings - 1 - level], h, ChannelsOf(config, level));
        }

        return g.Build(("logits", Conv(s["out_mask_conv"], h, config.Classes)));
    }

    private static int ChannelsOf(ParseNetConfig config, int level) => Math.Min(config.Channels << level, config.MaxChannels);

    private static Node Halved(LayerScope s, Node x, int channels) =>
        s.Graph.Add(Conv(s["shortcut_func"], x, channels, 2), Two(s, x, channels, 2));

    private static Node Doubled(LayerScope s, Node x, int channels)
    {
        var large = s.Graph.UpsampleNearest(x, 2);
        return s.Graph.Add(Conv(s["shortcut_func"], large, channels), Two(s, large, channels, 1));
    }

    /// <summary>A block's two convolutions; the second may take every other place.</summary>
    private static Node Two(LayerScope s, Node x, int channels, int stride)
    {
        var h = s.Graph.LeakyRelu(Normed(s["conv1"], x, channels, 1), Slope);
        return Normed(s["conv2"], h, channels, stride);
    }

    private static Node Normed(LayerScope s, Node x, int channels, int stride) =>
        s["conv2d"].Conv2dBatchNorm(s["norm"]["norm"], Mirrored(s, x), (channels, 3, stride), default(Padding));

    private static Node Conv(LayerScope s, Node x, int channels, int stride = 1) =>
        s["conv2d"].Conv2d(Mirrored(s, x), channels, 3, stride);

    private static Node Mirrored(LayerScope s, Node x) => s.Graph.Pad(x, Padding.Same(1), PadMode.Reflect);

    private static ParseNetConfig Recover(WeightShapes weights)
    {
        var official = new ParseNetConfig();
        var halvings = Math.Clamp(weights.Count("encoder", 16) - 1, 1, 6);
        return new()
        {
            Channels = weights.Size("encoder.0.conv2d.weight", 0, official.Channels),
            MaxChannels = weights.Size($"encoder.{halvings}.conv1.conv2d.weight", 0, official.MaxChannels),
            Halvings = halvings,
            Blocks = weights.Count("body", ConfigRules.MaxBlocks),
            Classes = weights.Size("out_mask_conv.conv2d.weight", 0, official.Classes),
        };
    }

    private static void Validate(ParseNetConfig config, ConfigRules rules)
    {
        rules.Within(config.Channels, 1, ConfigRules.MaxChannels);
        rules.Within(config.MaxChannels, 1, ConfigRules.MaxChannels);
        rules.Within(config.Halvings, 1, 6);
        rules.Within(config.Blocks, 0, ConfigRules.MaxBlocks);
    }
}
