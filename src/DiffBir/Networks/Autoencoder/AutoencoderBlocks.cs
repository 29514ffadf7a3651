using DiffBir.Graphs;

namespace DiffBir.Networks.Autoencoder;

/// <summary>The blocks that the encoder and the decoder share.</summary>
internal static class AutoencoderBlocks
{
    private const double Epsilon = 1e-6;

    /// <summary>Two convolutions around a shortcut. x is [B, C, H, W].</summary>
    public static Node Residual(LayerScope<AutoencoderConfig> s, Node x, int channels)
    {
        var h = s["conv1"].Conv3x3(NormSilu(s["norm1"], x), channels);
        h = s["conv2"].Conv3x3(NormSilu(s["norm2"], h), channels);
        var shortcut = x.Shape[1] == channels ? x : s["nin_shortcut"].Conv1x1(x, channels);
        return s.Graph.Add(shortcut, h);
    }

    /// <summary>Residual blocks <c>block.0</c>, <c>block.1</c> … of a level.</summary>
    public static Node Level(LayerScope<AutoencoderConfig> s, Node x, int channels, int count)
    {
        for (var block = 0; block < count; block++)
        {
            x = Residual(s["block"][block], x, channels);
        }

        return x;
    }

    /// <summary>The bottleneck: residual, self-attention over all pixels unless there is none, residual.</summary>
    public static Node Middle(LayerScope<AutoencoderConfig> s, Node x)
    {
        var channels = x.Shape[1];
        x = Residual(s["block_1"], x, channels);
        if (s.Config.MiddleAttention)
        {
            x = Attend(s["attn_1"], x);
        }

        return Residual(s["block_2"], x, channels);
    }

    /// <summary>Group normalization and activation.</summary>
    public static Node NormSilu(LayerScope<AutoencoderConfig> s, Node x) =>
        s.Graph.Silu(s.GroupNorm(x, s.Config.NormGroups, Epsilon));

    /// <summary>The bottleneck up to its attention, which alone looks at far pixels: x, queries, keys and values, [B, 4·C, H, W].</summary>
    public static Node MiddleToAttention(LayerScope<AutoencoderConfig> s, Node x)
    {
        x = Residual(s["block_1"], x, x.Shape[1]);
        return s.Graph.Concat(1, [x, .. Projections(s["attn_1"], x)]);
    }

    /// <summary>The rest of the bottleneck, from x and what attention gave, [B, 2·C, H, W].</summary>
    public static Node MiddleFromAttention(LayerScope<AutoencoderConfig> s, Node joined)
    {
        var halves = s.Graph.Split(joined, 1, 2);
        var x = Attended(s["attn_1"], halves[0], halves[1]);
        return Residual(s["block_2"], x, x.Shape[1]);
    }

    private static Node Attend(LayerScope<AutoencoderConfig> s, Node x)
    {
        var g = s.Graph;
        var qkv = Projections(s, x);
        var h = g.Attention(Pixels(g, qkv[0]), Pixels(g, qkv[1]), Pixels(g, qkv[2]), heads: 1); // (B, HW, C)
        return Attended(s, x, g.Reshape(g.Transpose(h, 0, 2, 1), x.Shape.AsSpan()));
    }

    private static Node[] Projections(LayerScope<AutoencoderConfig> s, Node x)
    {
        var h = s["norm"].GroupNorm(x, s.Config.NormGroups, Epsilon);
        return [s["q"].Conv1x1(h, x.Shape[1]), s["k"].Conv1x1(h, x.Shape[1]), s["v"].Conv1x1(h, x.Shape[1])];
    }

    private static Node Attended(LayerScope<AutoencoderConfig> s, Node x, Node h) =>
        s.Graph.Add(x, s["proj_out"].Conv1x1(h, x.Shape[1]));

    // (B, C, H, W) to (B, HW, C)
    private static Node Pixels(GraphBuilder g, Node x) =>
        g.Transpose(g.Reshape(x, x.Shape[0], x.Shape[1], x.Shape[2] * x.Shape[3]), 0, 2, 1);
}
