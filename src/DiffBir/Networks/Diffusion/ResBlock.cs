using DiffBir.Graphs;

namespace DiffBir.Networks.Diffusion;

/// <summary>Residual block of the diffusion UNet: two convolutions, the embedded time added between them.</summary>
internal static class ResBlock
{
    private const double Epsilon = 1e-5;

    /// <summary>Appends the block.</summary>
    /// <param name="s">The place of the block.</param>
    /// <param name="x">[B, C, H, W].</param>
    /// <param name="time">[B, features], activated.</param>
    /// <param name="channels">The result's channels.</param>
    public static Node Append(LayerScope<UNetConfig> s, Node x, Node time, int channels)
    {
        var (g, groups) = (s.Graph, s.Config.NormGroups);
        var h = g.Silu(s["in_layers.0"].GroupNorm(x, groups, Epsilon));
        h = s["in_layers.2"].Conv3x3(h, channels);
        var shift = s["emb_layers.1"].Linear(time, channels);
        h = g.Add(h, g.Reshape(shift, shift.Shape[0], channels, 1, 1));
        h = g.Silu(s["out_layers.0"].GroupNorm(h, groups, Epsilon));
        h = s["out_layers.3"].Conv3x3(h, channels);
        var skip = x.Shape[1] == channels ? x : s["skip_connection"].Conv1x1(x, channels);
        return g.Add(skip, h);
    }
}
