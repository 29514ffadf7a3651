using System.Text.Json.Serialization;
using DiffBir.Graphs;

namespace DiffBir.Networks;

/// <summary>The sizes of <see cref="SwinIr"/>.</summary>
public sealed record SwinIrConfig : Stage1Config
{
    /// <summary>DiffBIR's SwinIR: faces, and everything in v1 and v2.1.</summary>
    public static SwinIrConfig DiffBir { get; } = new();

    /// <summary>Features of a token.</summary>
    public int Channels { get; init; } = 180;

    /// <summary>Transformer layers of each residual group; a group has its own convolution at the end.</summary>
    public IReadOnlyList<int> Depths { get; init; } = [6, 6, 6, 6, 6, 6, 6, 6];

    /// <summary>Attention heads.</summary>
    public int Heads { get; init; } = 6;

    /// <summary>Side of a window in tokens.</summary>
    public int Window { get; init; } = 8;

    /// <summary>Hidden features of the feed-forward layers as a multiple of <see cref="Channels"/>.</summary>
    public int MlpRatio { get; init; } = 2;

    /// <summary>Side of the square of pixels that is one token; undone by as much nearest-neighbor enlargement: 2, 4 or 8.</summary>
    public int Unshuffle { get; init; } = 8;

    /// <summary>How tokens become pixels again.</summary>
    public SwinIrUpsampler Upsampler { get; init; }

    /// <summary>Channels while enlarging by <see cref="SwinIrUpsampler.NearestConv"/>.</summary>
    public int UpsampleChannels { get; init; } = 64;

    /// <inheritdoc/>
    public override int SizeMultiple => Unshuffle * Window;

    /// <inheritdoc/>
    [JsonIgnore]
    public override bool EnlargesFirst => true;

    internal override Architecture Architecture => SwinIr.Architecture;

    /// <inheritdoc/>
    internal override Graph Build(int batch, int height, int width) => SwinIr.Build(this, batch, height, width);
}

/// <summary>The ways in which SwinIR makes pixels of tokens, as its authors name them.</summary>
public enum SwinIrUpsampler
{
    /// <summary>Nearest-neighbor enlargement by 2 and a convolution, as often as needed: DiffBIR's.</summary>
    NearestConv,

    /// <summary>One convolution gives each token's pixels at once ("pixelshuffledirect"): a fraction of the cost.</summary>
    PixelShuffle,
}

/// <summary>SwinIR (Liang et al. 2021) behind a pixel-unshuffle, as DiffBIR trains it: removes degradation at the image's own size.</summary>
internal static class SwinIr
{
    private const double Slope = 0.2;
    private const double FirstUpsampleSlope = 0.01; // the one layer that keeps PyTorch's default
    private const float Masked = -100f; // as in the original: not quite −∞
    private const int MaxRecoveredLayers = 64;
    private const int MaxRecoveredUnshuffle = 8;
    private static readonly float[] Mean = [0.4488f, 0.4371f, 0.4040f];

    /// <summary>How the network is known.</summary>
    internal static Architecture<SwinIrConfig> Architecture { get; } =
        new()
        {
            Kind = "SwinIr",
            Title = "SwinIR (stage 1)",
            Marks = ["conv_first.1.weight", "patch_embed.norm.weight"],
            Official = SwinIrConfig.DiffBir,
            Recover = Recover,
            Validate = Validate,
            Build = (config, scope) => [Build(config, 1, config.SizeMultiple, config.SizeMultiple, scope)],
            Leftover = static (_, name) =>
                name.EndsWith(".relative_position_index", StringComparison.Ordinal)
                || name.EndsWith(".attn_mask", StringComparison.Ordinal),
        };

    /// <summary>Appends the network to an image [B, 3, H, W] in [0, 1]; the result has the same size.</summary>
    internal static Node Append(LayerScope<SwinIrConfig> s, Node lq)
    {
        var (g, config) = s;
        var mean = g.Constant(new Tensor(Mean, 1, 3, 1, 1));
        var x = g.PixelUnshuffle(g.Sub(lq, mean), config.Unshuffle);
        x = s["conv_first.1"].Conv3x3(x, config.Channels);
        x = g.Add(s["conv_after_body"].Conv3x3(Body(s, x), config.Channels), x);
        var image = config.Upsampler == SwinIrUpsampler.PixelShuffle ? ShuffleUp(s, x) : ConvolveUp(s, x);
        return g.Add(image, mean);
    }

    /// <summary>The network: input <c>lq</c> [B, 3, H, W] in [0, 1], output <c>clean</c>.</summary>
    /// <exception cref="ShapeException">Height or width is not a multiple of <see cref="SwinIrConfig.SizeMultiple"/>.</exception>
    public static Graph Build(SwinIrConfig config, int batch, int height, int width, ParameterScope scope = default)
    {
        if (height % config.SizeMultiple != 0 || width % config.SizeMultiple != 0)
        {
            throw new ShapeException(
                $"SwinIR cannot take an image of {width}x{height}. Pad it to multiples of {config.SizeMultiple}."
            );
        }

        var g = new GraphBuilder("SwinIR");
        return g.Build(("clean", Append(g.At(scope, config), g.Input("lq", [batch, 3, height, width]))));
    }

    private static Node ShuffleUp(LayerScope<SwinIrConfig> s, Node x)
    {
        var (g, config) = s;
        return g.PixelShuffle(s["upsample.0"].Conv3x3(x, 3 * config.Unshuffle * config.Unshuffle), config.Unshuffle);
    }

    private static Node ConvolveUp(LayerScope<SwinIrConfig> s, Node x)
    {
        var (g, channels) = (s.Graph, s.Config.UpsampleChannels);
        var h = g.LeakyRelu(s["conv_before_upsample.0"].Conv3x3(x, channels), FirstUpsampleSlope);
        string[] doublings = ["conv_up1", "conv_up2", "conv_up3"];
        foreach (var name in doublings.Take(int.Log2(s.Config.Unshuffle)))
        {
            h = g.LeakyRelu(s[name].Conv3x3(g.UpsampleNearest(h, 2), channels), Slope);
        }

        h = g.LeakyRelu(s["conv_hr"].Conv3x3(h, channels), Slope);
        return s["conv_last"].Conv3x3(h, 3);
    }

    private static Node Body(LayerScope<SwinIrConfig> s, Node x)
    {
        var (g, config) = s;
        var positions = g.Constant(Windows.RelativePositions(config.Window));
        x = s["patch_embed.norm"].LayerNorm(g.Transpose(x, 0, 2, 3, 1)); // (B, H, W, C)
        for (var group = 0; group < config.Depths.Count; group++)
        {
            var start = x;
            var layer = s["layers"][group];
            for (var block = 0; block < config.Depths[group]; block++)
            {
                x = Block(layer["residual_group.blocks"][block], x, positions, shifted: block % 2 == 1);
            }

            x = layer["conv"].Conv3x3(g.Transpose(x, 0, 3, 1, 2), config.Channels);
            x = g.Add(g.Transpose(x, 0, 2, 3, 1), start);
        }

        return g.Transpose(s["norm"].LayerNorm(x), 0, 3, 1, 2);
    }

    private static Node Block(LayerScope<SwinIrConfig> s, Node x, Node positions, bool shifted)
    {
        var (g, config) = s;
        var bias = PositionBias(s["attn"], positions);
        var h = Windows.Attend(
            g,
            s["norm1"].LayerNorm(x),
            new Shift(config.Window, shifted ? config.Window / 2 : 0, Masked),
            (windows, mask) => Attend(s["attn"], windows, mask is null ? bias : g.Add(bias, mask))
        );
        x = g.Add(x, h);
        h = s["mlp.fc1"].Linear(s["norm2"].LayerNorm(x), config.MlpRatio * config.Channels);
        return g.Add(x, s["mlp.fc2"].Linear(g.Gelu(h), config.Channels));
    }

    private static Node PositionBias(LayerScope<SwinIrConfig> s, Node positions)
    {
        var (g, config) = s;
        var (pixels, span) = (config.Window * config.Window, (2 * config.Window) - 1);
        var table = s["relative_position_bias_table"].Parameter([span * span, config.Heads]);
        var bias = g.Reshape(g.Gather(table, positions), pixels, pixels, config.Heads);
        return g.Reshape(g.Transpose(bias, 2, 0, 1), 1, config.Heads, pixels, pixels);
    }

    private static Node Attend(LayerScope<SwinIrConfig> s, Node windows, Node bias)
    {
        var qkv = s["qkv"].LinearParts(windows, 3 * s.Config.Channels, 3);
        var h = s.Graph.Attention(qkv[0], qkv[1], qkv[2], s.Config.Heads, bias);
        return s["proj"].Linear(h, s.Config.Channels);
    }

    private static SwinIrConfig Recover(WeightShapes weights)
    {
        var official = SwinIrConfig.DiffBir;
        var table = "layers.0.residual_group.blocks.0.attn.relative_position_bias_table";
        var channels = weights.Size("conv_first.1.weight", 0, official.Channels);
        var hidden = weights.Size("layers.0.residual_group.blocks.0.mlp.fc1.weight", 0, official.MlpRatio * channels);
        var pixels = weights.Size("conv_first.1.weight", 1, 3 * official.Unshuffle * official.Unshuffle) / 3;
        var span = (int)Math.Sqrt(weights.Size(table, 0, ((2 * official.Window) - 1) * ((2 * official.Window) - 1)));
        return new()
        {
            Channels = channels,
            Depths =
            [
                .. Enumerable
                    .Range(0, weights.Count("layers", MaxRecoveredLayers))
                    .Select(group => weights.Count($"layers.{group}.residual_group.blocks", MaxRecoveredLayers)),
            ],
            Heads = weights.Size(table, 1, official.Heads),
            Window = Windows.SideOf(span) ?? official.Window,
            MlpRatio = Math.Max(1, hidden / channels),
            Unshuffle = Math.Clamp((int)Math.Sqrt(pixels), 1, MaxRecoveredUnshuffle),
            Upsampler = weights.HasBelow("conv_before_upsample") ? SwinIrUpsampler.NearestConv : SwinIrUpsampler.PixelShuffle,
            UpsampleChannels = weights.Size("conv_before_upsample.0.weight", 0, official.UpsampleChannels),
        };
    }

    private static void Validate(SwinIrConfig config, ConfigRules rules)
    {
        rules.Within(config.Channels, 1, ConfigRules.MaxChannels);
        rules.Within(config.Heads, 1, ConfigRules.MaxChannels);
        rules.MultipleOf(config.Channels, config.Heads);
        rules.Count(config.Depths, 1, ConfigRules.MaxBlocks);
        rules.Each(config.Depths, 1, ConfigRules.MaxBlocks);
        rules.Within(config.Window, 2, ConfigRules.MaxWindow);
        rules.Within(config.MlpRatio, 1, ConfigRules.MaxMultiplier);
        rules.Within(config.UpsampleChannels, 1, ConfigRules.MaxChannels);
        rules.OneOf(config.Unshuffle, [2, 4, 8]);
    }
}
