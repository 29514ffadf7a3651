using DiffBir.Graphs;

namespace DiffBir.Networks.Diffusion;

/// <summary>Sinusoids of the timestep (Ho et al. 2020, as in Stable Diffusion: cosines first).</summary>
internal static class TimestepEmbedding
{
    private const double MaxPeriod = 10000;

    /// <summary>Appends the embedding of timesteps [B]: [B, features].</summary>
    public static Node Append(GraphBuilder g, Node timestep, int features)
    {
        var half = features / 2;
        var frequencies = new float[half];
        for (var i = 0; i < half; i++)
        {
            // In single precision, as the original computes it: at t = 999 the difference is visible.
            frequencies[i] = MathF.Exp((float)-Math.Log(MaxPeriod) * i / half);
        }

        var batch = timestep.Shape[0];
        var angles = g.Mul(g.Reshape(timestep, batch, 1), g.Constant(new Tensor(frequencies, 1, half)));
        return g.Concat(1, g.Apply(UnaryFunction.Cos, angles), g.Apply(UnaryFunction.Sin, angles));
    }
}
