using DiffBir.Graphs;

namespace DiffBir.Networks.Diffusion;

/// <summary>The inputs that the UNet, IRControlNet and both together share.</summary>
internal sealed class DenoiserInputs
{
    private readonly GraphBuilder _g;
    private readonly UNetConfig _config;

    private DenoiserInputs(GraphBuilder g, UNetConfig config, int batch, int height, int width, int tokens)
    {
        (_g, _config) = (g, config);
        Xt = g.Input("xt", [batch, config.InChannels, height, width]);
        Timestep = g.Input("timestep", [batch]);
        Context = g.Input("context", [batch, tokens, config.ContextFeatures]);
    }

    public Node Xt { get; }

    public Node Timestep { get; }

    public Node Context { get; }

    public static DenoiserInputs Append(GraphBuilder g, UNetConfig config, int batch, int height, int width, int tokens) =>
        new(g, config, batch, height, width, tokens);

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
