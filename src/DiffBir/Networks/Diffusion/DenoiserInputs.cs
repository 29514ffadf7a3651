using DiffBir.Graphs;

namespace DiffBir.Networks.Diffusion;

/// <summary>The inputs that the UNet, IRControlNet and both together share.</summary>
internal sealed class DenoiserInputs
{
    private readonly GraphBuilder _g;
    private readonly Shape _hint;

    private DenoiserInputs(GraphBuilder g, UNetConfig config, int batch, int height, int width, int tokens)
    {
        _g = g;
        _hint = [batch, config.HintChannels, height, width];
        Xt = g.Input("xt", [batch, config.InChannels, height, width]);
        Timestep = g.Input("timestep", [batch]);
        Context = g.Input("context", [batch, tokens, config.ContextFeatures]);
    }

    public Node Xt { get; }

    public Node Timestep { get; }

    public Node Context { get; }

    public static DenoiserInputs Append(GraphBuilder g, UNetConfig config, int batch, int height, int width, int tokens)
    {
        if (height % config.SizeMultiple != 0 || width % config.SizeMultiple != 0)
        {
            throw new ShapeException(
                $"A latent of {height}x{width} cannot be halved {config.ChannelMultipliers.Count - 1} times. "
                    + $"Pad it to multiples of {config.SizeMultiple}."
            );
        }

        return new DenoiserInputs(g, config, batch, height, width, tokens);
    }

    /// <summary>The condition latent, only where a network reads it.</summary>
    public Node Hint() => _g.Input("hint", _hint);
}
