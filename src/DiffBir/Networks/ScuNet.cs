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
    public override Graph Build(int batch, int height, int width) => ScuNet.Build(this, batch, height, width);
}

/// <summary>SCUNet (Zhang et al. 2022): a U-Net whose blocks are half convolution, half window transformer.</summary>
public static class ScuNet
{
    private const int Levels = 3;
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
    public static Node Append(GraphBuilder g, ScuNetConfig config, ParameterScope scope, Node lq)
    {
        var (height, width) = (lq.Shape[2], lq.Shape[3]);
        var padding = new Padding(0, 0, Missing(height), Missing(width));
        var x = g.Pad(lq, padding, PadMode.Replicate);
        var skips = new Stack<Node>();
        x = g.Conv2d(x, scope / "m_head.0", config.Channels, 3, padding: Padding.Same(1), bias: false);
        for (var level = 1; level <= Levels; level++)
        {
            skips.Push(x);
            var down = scope / $"m_down{level}";
            var blocks = config.Blocks[level - 1];
            x = Blocks(g, config, down, x, first: 0, blocks);
            x = g.Conv2d(x, down / blocks, 2 * x.Shape[1], 2, stride: 2, bias: false);
        }

        skips.Push(x);
        x = Blocks(g, config, scope / "m_body", x, first: 0, config.Blocks[Levels]);
        for (var level = Levels; level >= 1; level--)
        {
            var up = scope / $"m_up{level}";
            x = g.Add(x, skips.Pop());
            x = g.ConvTranspose2d(x, up / 0, x.Shape[1] / 2, stride: 2, bias: false);
            x = Blocks(g, config, up, x, first: 1, config.Blocks[2 * Levels + 1 - level]);
        }

        x = g.Conv2d(g.Add(x, skips.Pop()), scope / "m_tail.0", 3, 3, padding: Padding.Same(1), bias: false);
        return g.Slice(g.Slice(x, 2, 0, height), 3, 0, width);
    }

    /// <summary>The network: input <c>lq</c> [B, 3, H, W] in [0, 1], output <c>clean</c>.</summary>
    public static Graph Build(ScuNetConfig config, int batch, int height, int width, ParameterScope scope = default)
    {
        var g = new GraphBuilder("SCUNet");
        return g.Build(("clean", Append(g, config, scope, g.Input("lq", [batch, 3, height, width]))));
    }

    private static Node Blocks(GraphBuilder g, ScuNetConfig config, ParameterScope scope, Node x, int first, int count)
    {
        for (var block = 0; block < count; block++)
        {
            x = Block(g, config, scope / (first + block), x, shifted: block % 2 == 1);
        }

        return x;
    }

    private static Node Block(GraphBuilder g, ScuNetConfig config, ParameterScope scope, Node x, bool shifted)
    {
        var channels = x.Shape[1];
        var halves = g.Split(g.Conv2d(x, scope / "conv1_1", channels, 1), 1, 2);
        var h = Conv(g, scope / "conv_block.0", halves[0]);
        h = g.Add(Conv(g, scope / "conv_block.2", g.Apply(UnaryFunction.Relu, h)), halves[0]);
        var tokens = g.Transpose(halves[1], 0, 2, 3, 1); // (B, H, W, C)
        tokens = Transform(g, config, scope / "trans_block", tokens, shifted);
        var joined = g.Concat(1, h, g.Transpose(tokens, 0, 3, 1, 2));
        return g.Add(x, g.Conv2d(joined, scope / "conv1_2", channels, 1));
    }

    private static Node Transform(GraphBuilder g, ScuNetConfig config, ParameterScope scope, Node x, bool shifted)
    {
        var channels = x.Shape[3];
        x = g.Add(x, Attend(g, config, scope / "msa", g.LayerNorm(x, scope / "ln1"), shifted));
        var h = g.Gelu(g.Linear(g.LayerNorm(x, scope / "ln2"), scope / "mlp.0", 4 * channels));
        return g.Add(x, g.Linear(h, scope / "mlp.2", channels));
    }

    private static Node Attend(GraphBuilder g, ScuNetConfig config, ParameterScope scope, Node x, bool shifted)
    {
        var channels = x.Shape[3];
        var heads = channels / config.HeadChannels;
        var positions = PositionBias(g, config, scope, heads);
        // The original's mask compares halves of windows, which is the same as sides of the rotated map.
        return Windows.Attend(
            g,
            x,
            config.Window,
            shifted ? config.Window / 2 : 0,
            Masked,
            (windows, mask) =>
            {
                var qkv = g.LinearParts(windows, scope / "embedding_layer", 3 * channels, 3);
                var bias = mask is null ? positions : g.Add(positions, mask);
                var h = g.Attention(qkv[0], qkv[1], qkv[2], heads, bias);
                return g.Linear(h, scope / "linear", channels);
            }
        );
    }

    private static Node PositionBias(GraphBuilder g, ScuNetConfig config, ParameterScope scope, int heads)
    {
        var (span, pixels) = (2 * config.Window - 1, config.Window * config.Window);
        var table = g.Parameter((scope / "relative_position_params").Path, [heads, span, span]);
        table = g.Transpose(g.Reshape(table, heads, span * span), 1, 0);
        var bias = g.Gather(table, g.Constant(Windows.RelativePositions(config.Window)));
        return g.Reshape(g.Transpose(bias, 1, 0), 1, heads, pixels, pixels);
    }

    private static int Missing(int size) => (SizeMultiple - size % SizeMultiple) % SizeMultiple;

    private static Node Conv(GraphBuilder g, ParameterScope scope, Node x) =>
        g.Conv2d(x, scope, x.Shape[1], 3, padding: Padding.Same(1), bias: false);

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
            Window = Windows.SideOf(weights.Size(positions, 1, 2 * official.Window - 1)) ?? official.Window,
        };

        int Level(string path) => Math.Max(1, weights.Count(path, MaxRecoveredBlocks));
    }

    private static void Validate(ScuNetConfig config, ConfigRules rules)
    {
        const int parts = 2 * Levels + 1;
        rules.Within(config.Channels, 2, ConfigRules.MaxChannels);
        rules.Within(config.HeadChannels, 1, ConfigRules.MaxChannels);
        rules.MultipleOf(config.Channels, 2 * config.HeadChannels); // half of the channels go through the transformer
        rules.Count(config.Blocks, parts, parts);
        rules.Each(config.Blocks, 0, ConfigRules.MaxBlocks);
        rules.Within(config.Window, 2, ConfigRules.MaxWindow);
    }
}
