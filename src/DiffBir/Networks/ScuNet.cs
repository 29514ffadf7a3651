using DiffBir.Graphs;

namespace DiffBir.Networks;

/// <summary>The sizes of <see cref="ScuNet"/>.</summary>
public sealed record ScuNetConfig : Stage1Config
{
    /// <summary>SCUNet as DiffBIR uses it for denoising.</summary>
    public static ScuNetConfig Official { get; } = new();

    /// <summary>Channels at full resolution; each level doubles them.</summary>
    public int Channels { get; init; } = 64;

    /// <summary>Blocks of the three encoder levels, the body and the three decoder levels.</summary>
    public IReadOnlyList<int> Blocks { get; init; } = [4, 4, 4, 4, 4, 4, 4];

    /// <summary>Channels of one attention head.</summary>
    public int HeadChannels { get; init; } = 32;

    /// <summary>Side of a window in pixels.</summary>
    public int Window { get; init; } = 8;

    internal override Architecture Architecture => ScuNet.Architecture;

    /// <inheritdoc/>
    internal override Graph Build(int batch, int height, int width) => ScuNet.Build(this, batch, height, width);
}

/// <summary>SCUNet (Zhang et al. 2022): a U-Net whose blocks are half convolution, half window transformer.</summary>
internal static class ScuNet
{
    private const int LevelCount = 3;
    private const float Masked = -1e9f; // −∞ in the original

    private const int MaxRecoveredBlocks = 32; // of a level

    /// <summary>Height and width are padded to multiples of this inside.</summary>
    private const int SizeMultiple = 64;

    /// <summary>How the network is known.</summary>
    internal static Architecture<ScuNetConfig> Architecture { get; } =
        new()
        {
            Kind = "ScuNet",
            Title = "SCUNet (stage 1, denoising)",
            Marks = ["m_head.0.weight", "m_body.0.trans_block.msa.relative_position_params"],
            Official = ScuNetConfig.Official,
            Recover = Recover,
            Validate = Validate,
            Build = (config, scope) => [Build(config, 1, SizeMultiple, SizeMultiple, scope)],
        };

    /// <summary>Appends the network to an image [B, 3, H, W] in [0, 1]; the result has the same size.</summary>
    internal static Node Append(LayerScope<ScuNetConfig> s, Node lq)
    {
        var (g, config) = s;
        var (height, width) = (lq.Shape[2], lq.Shape[3]);
        var padding = new Padding(0, 0, Missing(height), Missing(width));
        var x = s["m_head.0"].Conv3x3(g.Pad(lq, padding, PadMode.Replicate), config.Channels, bias: false);
        var skips = new Stack<Node>([x]);
        foreach (var (down, blocks) in Levels(s, ["m_down1", "m_down2", "m_down3"], config.Blocks))
        {
            x = Blocks(down, x, first: 0, blocks);
            x = down[blocks].StridedConv2d(x, 2 * x.Shape[1], stride: 2, bias: false);
            skips.Push(x);
        }

        x = Blocks(s["m_body"], x, first: 0, config.Blocks[LevelCount]);
        foreach (var (up, blocks) in Levels(s, ["m_up3", "m_up2", "m_up1"], config.Blocks.Skip(LevelCount + 1)))
        {
            x = g.Add(x, skips.Pop());
            x = up[0].ConvTranspose2d(x, x.Shape[1] / 2, stride: 2, bias: false);
            x = Blocks(up, x, first: 1, blocks);
        }

        x = s["m_tail.0"].Conv3x3(g.Add(x, skips.Pop()), 3, bias: false);
        return g.Slice(g.Slice(x, 2, 0, height), 3, 0, width);
    }

    /// <summary>The network: input <c>lq</c> [B, 3, H, W] in [0, 1], output <c>clean</c>.</summary>
    public static Graph Build(ScuNetConfig config, int batch, int height, int width, ParameterScope scope = default)
    {
        var g = new GraphBuilder("SCUNet");
        return g.Build(("clean", Append(g.At(scope, config), g.Input("lq", [batch, 3, height, width]))));
    }

    private static IEnumerable<(LayerScope<ScuNetConfig> Level, int Blocks)> Levels(
        LayerScope<ScuNetConfig> s,
        IEnumerable<string> names,
        IEnumerable<int> blocks
    ) => names.Zip(blocks, (name, count) => (s[name], count));

    private static Node Blocks(LayerScope<ScuNetConfig> s, Node x, int first, int count)
    {
        for (var block = 0; block < count; block++)
        {
            x = Block(s[first + block], x, shifted: block % 2 == 1);
        }

        return x;
    }

    private static Node Block(LayerScope<ScuNetConfig> s, Node x, bool shifted)
    {
        var (g, channels) = (s.Graph, x.Shape[1]);
        var halves = g.Split(s["conv1_1"].Conv1x1(x, channels), 1, 2);
        var h = s["conv_block.0"].Conv3x3(halves[0], channels / 2, bias: false);
        h = s["conv_block.2"].Conv3x3(g.Apply(UnaryFunction.Relu, h), channels / 2, bias: false);
        h = g.Add(h, halves[0]);
        var tokens = g.Transpose(halves[1], 0, 2, 3, 1); // (B, H, W, C)
        tokens = Transform(s["trans_block"], tokens, shifted);
        var joined = g.Concat(1, h, g.Transpose(tokens, 0, 3, 1, 2));
        return g.Add(x, s["conv1_2"].Conv1x1(joined, channels));
    }

    private static Node Transform(LayerScope<ScuNetConfig> s, Node x, bool shifted)
    {
        var (g, channels) = (s.Graph, x.Shape[3]);
        x = g.Add(x, Attend(s["msa"], s["ln1"].LayerNorm(x), shifted));
        var h = g.Gelu(s["mlp.0"].Linear(s["ln2"].LayerNorm(x), 4 * channels));
        return g.Add(x, s["mlp.2"].Linear(h, channels));
    }

    private static Node Attend(LayerScope<ScuNetConfig> s, Node x, bool shifted)
    {
        var (g, config) = s;
        var channels = x.Shape[3];
        var heads = channels / config.HeadChannels;
        var positions = PositionBias(s, heads);
        // The original's mask compares halves of windows, which is the same as sides of the rotated map.
        return Windows.Attend(
            g,
            x,
            new Shift(config.Window, shifted ? config.Window / 2 : 0, Masked),
            (windows, mask) =>
            {
                var qkv = s["embedding_layer"].LinearParts(windows, 3 * channels, 3);
                var bias = mask is null ? positions : g.Add(positions, mask);
                return s["linear"].Linear(g.Attention(qkv[0], qkv[1], qkv[2], heads, bias), channels);
            }
        );
    }

    private static Node PositionBias(LayerScope<ScuNetConfig> s, int heads)
    {
        var (g, config) = s;
        var (span, pixels) = ((2 * config.Window) - 1, config.Window * config.Window);
        var table = s["relative_position_params"].Parameter([heads, span, span]);
        table = g.Transpose(g.Reshape(table, heads, span * span), 1, 0);
        var bias = g.Gather(table, g.Constant(Windows.RelativePositions(config.Window)));
        return g.Reshape(g.Transpose(bias, 1, 0), 1, heads, pixels, pixels);
    }

    private static int Missing(int size) => (SizeMultiple - (size % SizeMultiple)) % SizeMultiple;

    private static ScuNetConfig Recover(WeightShapes weights)
    {
        var official = ScuNetConfig.Official;
        var channels = weights.Size("m_head.0.weight", 0, official.Channels);
        var positions = "m_down1.0.trans_block.msa.relative_position_params";
        var heads = weights.Size(positions, 0, otherwise: 1);
        return new()
        {
            Channels = channels,
            // Each level ends in its convolution downwards, or begins with the one upwards.
            Blocks =
            [
                Level("m_down1") - 1,
                Level("m_down2") - 1,
                Level("m_down3") - 1,
                Level("m_body"),
                Level("m_up3") - 1,
                Level("m_up2") - 1,
                Level("m_up1") - 1,
            ],
            HeadChannels = Math.Max(1, channels / 2 / heads), // half of the channels go through the transformer
            Window = Windows.SideOf(weights.Size(positions, 1, (2 * official.Window) - 1)) ?? official.Window,
        };

        int Level(string path) => Math.Max(1, weights.Count(path, MaxRecoveredBlocks));
    }

    private static void Validate(ScuNetConfig config, ConfigRules rules)
    {
        const int parts = (2 * LevelCount) + 1;
        rules.Within(config.Channels, 2, ConfigRules.MaxChannels);
        rules.Within(config.HeadChannels, 1, ConfigRules.MaxChannels);
        rules.MultipleOf(config.Channels, 2 * config.HeadChannels); // half of the channels go through the transformer
        rules.Count(config.Blocks, parts, parts);
        rules.Each(config.Blocks, 0, ConfigRules.MaxBlocks);
        rules.Within(config.Window, 2, ConfigRules.MaxWindow);
    }
}
