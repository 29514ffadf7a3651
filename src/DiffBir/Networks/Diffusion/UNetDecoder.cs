using DiffBir.Graphs;

namespace DiffBir.Networks.Diffusion;

/// <summary>
/// The decoder of the diffusion UNet: a block for each of the encoder's, which reads what that block has put on its skip connection.
/// It can be cut at each skip connection, the first of which is number 0.
/// </summary>
internal sealed class UNetDecoder
{
    private const double Epsilon = 1e-5;

    private readonly LayerScope<UNetConfig> _s;
    private readonly DiffusionEncoder _encoder;
    private readonly IReadOnlyList<Node> _skips;
    private readonly Node? _middle;

    private UNetDecoder(LayerScope<UNetConfig> s, DiffusionEncoder encoder, IReadOnlyList<Node> skips, Node? middle) =>
        (_s, _encoder, _skips, _middle) = (s, encoder, skips, middle);

    /// <summary>The decoder behind an encoder, which may end above the middle block.</summary>
    /// <param name="s">The place of the network.</param>
    /// <param name="encoder">The encoder.</param>
    /// <param name="control">What is added to the skips and the middle block's output; empty without.</param>
    public static UNetDecoder Behind(LayerScope<UNetConfig> s, DiffusionEncoder encoder, IReadOnlyList<Node> control)
    {
        if (control.Count == 0)
        {
            return new(s, encoder, encoder.Skips, encoder.Middle);
        }

        var g = s.Graph;
        var middle = encoder.Middle is { } h ? g.Add(h, control[^1]) : null;
        return new(s, encoder, [.. encoder.Skips.Zip(control, g.Add)], middle);
    }

    /// <summary>What the layers below a skip connection contribute, with its height and width.</summary>
    /// <param name="skip">The skip connection's number.</param>
    /// <returns>[B, C, h, w]; for one image <see cref="DeepShape"/>.</returns>
    public Node Deep(int skip)
    {
        var h = _middle ?? throw new ShapeException("An encoder without its middle block says nothing about deep layers.");
        for (var number = _skips.Count - 1; number > skip; number--)
        {
            h = Block(number, h);
        }

        return h;
    }

    /// <summary>The shape of <see cref="Deep"/> for one image.</summary>
    /// <param name="config">The sizes.</param>
    /// <param name="skip">The skip connection's number.</param>
    /// <param name="height">The latent's height.</param>
    /// <param name="width">The latent's width.</param>
    public static Shape DeepShape(UNetConfig config, int skip, int height, int width)
    {
        var (level, below) = (LevelOf(config, skip), LevelOf(config, Math.Min(skip + 1, config.Skips - 1)));
        return [1, config.ModelChannels * config.ChannelMultipliers[below], height >> level, width >> level];
    }

    /// <summary>Appends the layers above a skip connection.</summary>
    /// <param name="deep">What the layers below it contribute: <see cref="Deep"/>.</param>
    /// <param name="skip">The skip connection's number.</param>
    /// <returns>The prediction (ε or v), [B, C, H, W].</returns>
    public Node Predict(Node deep, int skip)
    {
        var h = deep;
        for (var number = skip; number >= 0; number--)
        {
            h = Block(number, h);
        }

        h = _s.Graph.Silu(_s["out.0"].GroupNorm(h, _s.Config.NormGroups, Epsilon));
        return _s["out.2"].Conv3x3(h, _s.Config.OutChannels);
    }

    /// <summary>The block that reads a skip connection, with the enlarging behind it where its level ends.</summary>
    private Node Block(int number, Node h)
    {
        var (g, config) = _s;
        var (level, index) = (LevelOf(config, number), config.Skips - 1 - number);
        var (channels, factor) = (config.ModelChannels * config.ChannelMultipliers[level], 1 << level);
        var output = _s["output_blocks"][index];
        h = _encoder.Block(output, g.Concat(1, h, _skips[number]), channels, factor);
        if (level == 0 || LevelOf(config, number - 1) == level)
        {
            return h;
        }

        // A side that was odd before it was halved becomes odd again: that of the skip connection that comes next.
        var next = _skips[number - 1].Shape;
        h = g.Slice(g.Slice(g.UpsampleNearest(h, 2), 2, 0, next[2]), 3, 0, next[3]);
        return output[_encoder.HasAttention(factor) ? 2 : 1]["conv"].Conv3x3(h, channels);
    }

    /// <summary>The level of the decoder's block that reads a skip connection; the first has full resolution.</summary>
    private static int LevelOf(UNetConfig config, int number) => number / (config.ResBlocks + 1);
}
