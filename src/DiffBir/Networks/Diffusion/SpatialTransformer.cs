using DiffBir.Graphs;

namespace DiffBir.Networks.Diffusion;

/// <summary>Transformer over the pixels of a feature map, with cross-attention to the text where there is one.</summary>
internal static class SpatialTransformer
{
    private const double Epsilon = 1e-6; // unlike the residual blocks' 1e-5

    /// <summary>Appends the transformer.</summary>
    /// <param name="s">The place of the transformer.</param>
    /// <param name="x">[B, C, H, W].</param>
    /// <param name="context">[B, tokens, features]; null without text.</param>
    public static Node Append(LayerScope<UNetConfig> s, Node x, Node? context)
    {
        var (g, config) = s;
        var (batch, channels, height, width) = (x.Shape[0], x.Shape[1], x.Shape[2], x.Shape[3]);
        var h = s["norm"].GroupNorm(x, config.NormGroups, Epsilon);
        h = g.Transpose(g.Reshape(h, batch, channels, height * width), 0, 2, 1); // (B, HW, C)
        h = s["proj_in"].Linear(h, channels);
        for (var block = 0; block < config.TransformerDepth; block++)
        {
            h = Block(s["transformer_blocks"][block], h, context);
        }

        h = s["proj_out"].Linear(h, channels);
        h = g.Reshape(g.Transpose(h, 0, 2, 1), batch, channels, height, width);
        return g.Add(h, x);
    }

    private static Node Block(LayerScope<UNetConfig> s, Node x, Node? context)
    {
        var g = s.Graph;
        var normal = s["norm1"].LayerNorm(x);
        x = g.Add(Attend(s["attn1"], normal, normal), x);
        if (context is not null)
        {
            x = g.Add(Attend(s["attn2"], s["norm2"].LayerNorm(x), context), x);
        }

        return g.Add(FeedForward(s["ff"], s["norm3"].LayerNorm(x)), x);
    }

    private static Node Attend(LayerScope<UNetConfig> s, Node x, Node context)
    {
        var channels = x.Shape[2];
        var q = s["to_q"].Linear(x, channels, bias: false);
        var k = s["to_k"].Linear(context, channels, bias: false);
        var v = s["to_v"].Linear(context, channels, bias: false);
        return s["to_out.0"].Linear(s.Graph.Attention(q, k, v, channels / s.Config.HeadChannels), channels);
    }

    // GEGLU (Shazeer 2020): half of the features gate the other half.
    private static Node FeedForward(LayerScope<UNetConfig> s, Node x)
    {
        var (g, channels) = (s.Graph, x.Shape[2]);
        var halves = g.Split(s["net.0.proj"].Linear(x, 8 * channels), 2, 2);
        return s["net.2"].Linear(g.Mul(halves[0], g.Gelu(halves[1])), channels);
    }
}
