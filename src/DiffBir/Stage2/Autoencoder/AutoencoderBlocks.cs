using DiffBir.Graphs;

namespace DiffBir.Stage2.Autoencoder;

/// <summary>The blocks that the encoder and the decoder share.</summary>
internal static class AutoencoderBlocks
{
    private const double Epsilon = 1e-6;

    /// <summary>Two convolutions around a shortcut. x is [B, C, H, W].</summary>
    public static Node Residual(
        GraphBuilder g,
        ParameterScope scope,
        Node x,
        int channels,
        int groups
    )
    {
        var h = g.Conv2d(
            NormSilu(g, scope / "norm1", x, groups),
            scope / "conv1",
            channels,
            3,
            padding: Padding.Same(1)
        );
        h = g.Conv2d(
            NormSilu(g, scope / "norm2", h, groups),
            scope / "conv2",
            channels,
            3,
            padding: Padding.Same(1)
        );
        var shortcut =
            x.Shape[1] == channels ? x : g.Conv2d(x, scope / "nin_shortcut", channels, 1);
        return g.Add(shortcut, h);
    }

    /// <summary>The bottleneck: residual, self-attention over all pixels, residual.</summary>
    public static Node Middle(GraphBuilder g, ParameterScope scope, Node x, int groups)
    {
        var channels = x.Shape[1];
        x = Residual(g, scope / "block_1", x, channels, groups);
        x = Attend(g, scope / "attn_1", x, groups);
        return Residual(g, scope / "block_2", x, channels, groups);
    }

    /// <summary>Group normalisation and activation.</summary>
    public static Node NormSilu(GraphBuilder g, ParameterScope scope, Node x, int groups) =>
        g.Silu(g.GroupNorm(x, scope, groups, Epsilon));

    private static Node Attend(GraphBuilder g, ParameterScope scope, Node x, int groups)
    {
        var channels = x.Shape[1];
        var h = g.GroupNorm(x, scope / "norm", groups, Epsilon);
        var q = Pixels(g, g.Conv2d(h, scope / "q", channels, 1));
        var k = Pixels(g, g.Conv2d(h, scope / "k", channels, 1));
        var v = Pixels(g, g.Conv2d(h, scope / "v", channels, 1));
        h = g.Attention(q, k, v, heads: 1); // (B, HW, C)
        h = g.Reshape(g.Transpose(h, 0, 2, 1), x.Shape.AsSpan());
        return g.Add(x, g.Conv2d(h, scope / "proj_out", channels, 1));
    }

    // (B, C, H, W) to (B, HW, C)
    private static Node Pixels(GraphBuilder g, Node x) =>
        g.Transpose(g.Reshape(x, x.Shape[0], x.Shape[1], x.Shape[2] * x.Shape[3]), 0, 2, 1);
}
