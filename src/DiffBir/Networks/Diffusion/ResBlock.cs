using DiffBir.Graphs;

namespace DiffBir.Networks.Diffusion;

/// <summary>Residual block of the diffusion UNet: two convolutions, the embedded time added between them.</summary>
internal static class ResBlock
{
    private const double Epsilon = 1e-5;

    /// <summary>Appends the block.</summary>
    /// <param name="g">The graph to append to.</param>
    /// <param name="scope">Where the weights are.</param>
    /// <param name="x">[B, C, H, W].</param>
    /// <param name="time">[B, features], activated.</param>
    /// <param name="channels">The result's channels.</param>
    /// <param name="groups">Groups of channels of the norms.</param>
    public static Node Append(GraphBuilder g, ParameterScope scope, Node x, Node time, int channels, int groups)
    {
        var h = g.Silu(g.GroupNorm(x, scope / "in_layers.0", groups, Epsilon));
        h = g.Conv2d(h, scope / "in_layers.2", channels, 3, padding: Padding.Same(1));
        var shift = g.Linear(time, scope / "emb_layers.1", channels);
        h = g.Add(h, g.Reshape(shift, shift.Shape[0], channels, 1, 1));
        h = g.Silu(g.GroupNorm(h, scope / "out_layers.0", groups, Epsilon));
        h = g.Conv2d(h, scope / "out_layers.3", channels, 3, padding: Padding.Same(1));
        var skip = x.Shape[1] == channels ? x : g.Conv2d(x, scope / "skip_connection", channels, 1);
        return g.Add(skip, h);
    }
}
