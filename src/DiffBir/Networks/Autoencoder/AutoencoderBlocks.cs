using DiffBir.Graphs;

namespace DiffBir.Networks.Autoencoder;

/// <summary>The blocks that the encoder and the decoder share.</summary>
internal static class AutoencoderBlocks
{
    private const double Epsilon = 1e-6;

    /// <summary>Two convolutions around a shortcut. x is [B, C, H, W].</summary>
    public static Node Residual(GraphBuilder g, ParameterScope scope, Node x, int channels, int groups)
    {
        var h = g.Conv2d(NormSilu(g, scope / "norm1", x, groups), scope / "conv1", channels, 3, padding: Padding.Same(1));
        h = g.Conv2d(NormSilu(g, scope / "norm2", h, groups), scope / "conv2", channels, 3, padding: Padding.Same(1));
        var shortcut = x.Shape[1] == channels ? x : g.Conv2d(x, scope / "nin_shortcut", channels, 1);
        return g.Add(shortcut, h);
    }

    /// <summary>The bottleneck: residual, self-attention over all pixels unless there is none, residual.</summary>
    public static Node Middle(GraphBuilder g, ParameterScope scope, Node x, AutoencoderConfig config)
    {
        var (channels, groups) = (x.Shape[1], config.NormGroups);
        x = Residual(g, scope / "block_1", x, channels, groups);
        if (config.MiddleAttention)
        {
            x = Attend(g, scope / "attn_1", x, groups);
        }

        return Residual(g, scope / "block_2", x, channels, groups);
    }

    /// <summary>Group normalisation and activation.</summary>
    public static Node NormSilu(GraphBuilder g, ParameterScope scope, Node x, int groups) =>
        g.Silu(g.GroupNorm(x, scope, groups, Epsilon));

    /// <summary>The bottleneck up to its attention, which alone looks at far pixels: x, queries, keys and values, [B, 4·C, H, W].</summary>
    public static Node MiddleToAttention(GraphBuilder g, ParameterScope scope, Node x, int groups)
    {
        x = Residual(g, scope / "block_1", x, x.Shape[1], groups);
        return g.Concat(1, [x, .. Projections(g, scope / "attn_1", x, groups)]);
    }

    /// <summary>The rest of the bottleneck, from x and what attention gave, [B, 2·C, H, W].</summary>
    public static Node MiddleFromAttention(GraphBuilder g, ParameterScope scope, Node joined, int groups)
    {
        var halves = g.Split(joined, 1, 2);
        var x = Attended(g, scope / "attn_1", halves[0], halves[1]);
        return Residual(g, scope / "block_2", x, x.Shape[1], groups);
    }

    private static Node Attend(GraphBuilder g, ParameterScope scope, Node x, int groups)
    {
        var qkv = Projections(g, scope, x, groups);
        var h = g.Attention(Pixels(g, qkv[0]), Pixels(g, qkv[1]), Pixels(g, qkv[2]), heads: 1); // (B, HW, C)
        return Attended(g, scope, x, g.Reshape(g.Transpose(h, 0, 2, 1), x.Shape.AsSpan()));
    }

    private static Node[] Projections(GraphBuilder g, ParameterScope scope, Node x, int groups)
    {
        var h = g.GroupNorm(x, scope / "norm", groups, Epsilon);
        string[] names = ["q", "k", "v"];
        return [.. names.Select(name => g.Conv2d(h, scope / name, x.Shape[1], 1))];
    }

    private static Node Attended(GraphBuilder g, ParameterScope scope, Node x, Node h) =>
        g.Add(x, g.Conv2d(h, scope / "proj_out", x.Shape[1], 1));

    // (B, C, H, W) to (B, HW, C)
    private static Node Pixels(GraphBuilder g, Node x) =>
        g.Transpose(g.Reshape(x, x.Shape[0], x.Shape[1], x.Shape[2] * x.Shape[3]), 0, 2, 1);
}
