using DiffBir.Graphs;

namespace DiffBir.Networks.Diffusion;

/// <summary>Transformer over the pixels of a feature map, with cross-attention to the text.</summary>
internal static class SpatialTransformer
{
    private const double Epsilon = 1e-6; // unlike the residual blocks' 1e-5

    /// <summary>Appends the transformer.</summary>
    /// <param name="g">The graph to append to.</param>
    /// <param name="scope">Where the weights are.</param>
    /// <param name="x">[B, C, H, W].</param>
    /// <param name="context">[B, tokens, features].</param>
    /// <param name="headChannels">Channels of one attention head.</param>
    /// <param name="depth">The number of blocks.</param>
    /// <param name="groups">Groups of channels of the norm.</param>
    public static Node Append(GraphBuilder g, ParameterScope scope, Node x, Node context, int headChannels, int depth, int groups)
    {
        var (batch, channels, height, width) = (x.Shape[0], x.Shape[1], x.Shape[2], x.Shape[3]);
        var h = g.GroupNorm(x, scope / "norm", groups, Epsilon);
        h = g.Transpose(g.Reshape(h, batch, channels, height * width), 0, 2, 1); // (B, HW, C)
        h = g.Linear(h, scope / "proj_in", channels);
        for (var block = 0; block < depth; block++)
        {
            h = Block(g, scope / "transformer_blocks" / block, h, context, channels / headChannels);
        }

        h = g.Linear(h, scope / "proj_out", channels);
        h = g.Reshape(g.Transpose(h, 0, 2, 1), batch, channels, height, width);
        return g.Add(h, x);
    }

    private static Node Block(GraphBuilder g, ParameterScope scope, Node x, Node context, int heads)
    {
        var normal = g.LayerNorm(x, scope / "norm1");
        x = g.Add(Attend(g, scope / "attn1", normal, normal, heads), x);
        x = g.Add(Attend(g, scope / "attn2", g.LayerNorm(x, scope / "norm2"), context, heads), x);
        return g.Add(FeedForward(g, scope / "ff", g.LayerNorm(x, scope / "norm3")), x);
    }

    private static Node Attend(GraphBuilder g, ParameterScope scope, Node x, Node context, int heads)
    {
        var channels = x.Shape[2];
        var q = g.Linear(x, scope / "to_q", channels, bias: false);
        var k = g.Linear(context, scope / "to_k", channels, bias: false);
        var v = g.Linear(context, scope / "to_v", channels, bias: false);
        return g.Linear(g.Attention(q, k, v, heads), scope / "to_out.0", channels);
    }

    // GEGLU (Shazeer 2020): half of the features gate the other half.
    private static Node FeedForward(GraphBuilder g, ParameterScope scope, Node x)
    {
        var channels = x.Shape[2];
        var halves = g.Split(g.Linear(x, scope / "net.0.proj", 8 * channels), 2, 2);
        return g.Linear(g.Mul(halves[0], g.Gelu(halves[1])), scope / "net.2", channels);
    }
}
