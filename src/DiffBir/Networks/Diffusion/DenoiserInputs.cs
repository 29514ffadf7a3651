using DiffBir.Graphs;

namespace DiffBir.Networks.Diffusion;

/// <summary>What a graph of the UNet or of IRControlNet is built for.</summary>
/// <param name="Batch">Latents at a time.</param>
/// <param name="Height">Rows of a latent.</param>
/// <param name="Width">Columns of a latent.</param>
/// <param name="Tokens">The context's length.</param>
internal readonly record struct DenoiserShape(int Batch, int Height, int Width, int Tokens)
{
    /// <summary>The smallest that has all weights.</summary>
    public static DenoiserShape MinOf(UNetConfig config) => new(1, config.SizeMultiple, config.SizeMultiple, Tokens: 1);
}

/// <summary>The inputs that the UNet, IRControlNet and both together share.</summary>
internal sealed class DenoiserInputs
{
    private readonly GraphBuilder _g;
    private readonly UNetConfig _config;

    private DenoiserInputs(GraphBuilder g, UNetConfig config, DenoiserShape shape)
    {
        (_g, _config) = (g, config);
        Xt = g.Input("xt", [shape.Batch, config.InChannels, shape.Height, shape.Width]);
        Timestep = g.Input("timestep", [shape.Batch]);
        Context = config.ContextFeatures > 0 ? g.Input("context", [shape.Batch, shape.Tokens, config.ContextFeatures]) : null;
    }

    public Node Xt { get; }

    public Node Timestep { get; }

    /// <summary>The text; null for networks that read none.</summary>
    public Node? Context { get; }

    public static DenoiserInputs Append(GraphBuilder g, UNetConfig config, DenoiserShape shape) => new(g, config, shape);

    /// <summary>The condition latent, only where a network reads it.</summary>
    /// <exception cref="ShapeException">The latent is no multiple of what IRControlNet halves.</exception>
    public Node Hint()
    {
        var (batch, height, width) = (Xt.Shape[0], Xt.Shape[2], Xt.Shape[3]);
        return height % _config.SizeMultiple == 0 && width % _config.SizeMultiple == 0
            ? _g.Input("hint", [batch, _config.HintChannels, height, width])
            : throw new ShapeException(
                $"A latent of {height}x{width} cannot be halved {_config.ChannelMultipliers.Count - 1} times. "
                    + $"Pad it to multiples of {_config.SizeMultiple}."
            );
    }
}
