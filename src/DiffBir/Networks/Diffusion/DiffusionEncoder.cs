using DiffBir.Graphs;

namespace DiffBir.Networks.Diffusion;

/// <summary>The half of the diffusion UNet that IRControlNet is a trainable copy of: time embedding, encoder, middle block.</summary>
internal sealed class DiffusionEncoder
{
    private readonly GraphBuilder _g;
    private readonly UNetConfig _config;
    private readonly ParameterScope _scope;
    private readonly Node _context;

    private DiffusionEncoder(GraphBuilder g, UNetConfig config, ParameterScope scope, Node timestep, Node context)
    {
        (_g, _config, _scope, _context) = (g, config, scope, context);
        Time = EmbedTime(timestep);
    }

    /// <summary>The embedded timestep after its activation. (B, 4·channels)</summary>
    public Node Time { get; }

    /// <summary>The output of each encoder block, from full resolution down.</summary>
    public List<Node> Skips { get; } = [];

    /// <summary>The output of the middle block.</summary>
    public Node Middle { get; private set; } = null!;

    /// <summary>Appends the encoder.</summary>
    /// <param name="g">The graph to append to.</param>
    /// <param name="config">The sizes.</param>
    /// <param name="scope">Where the weights are.</param>
    /// <param name="x">[B, C, H, W]: x_t, for IRControlNet with the condition latent behind it.</param>
    /// <param name="timestep">[B], 0 to 999, may be fractional.</param>
    /// <param name="context">[B, tokens, features].</param>
    public static DiffusionEncoder Append(
        GraphBuilder g,
        UNetConfig config,
        ParameterScope scope,
        Node x,
        Node timestep,
        Node context
    )
    {
        var encoder = new DiffusionEncoder(g, config, scope, timestep, context);
        encoder.Encode(x);
        return encoder;
    }

    /// <summary>A residual block and, where the level has attention, a spatial transformer.</summary>
    public Node Block(Node x, ParameterScope scope, int channels, int factor)
    {
        x = ResBlock.Append(_g, scope / 0, x, Time, channels, _config.NormGroups);
        return HasAttention(factor) ? Transform(x, scope / 1) : x;
    }

    /// <summary>Whether the level reduced by this factor has attention.</summary>
    public bool HasAttention(int factor) => _config.AttentionFactors.Contains(factor);

    private void Encode(Node x)
    {
        var blocks = _scope / "input_blocks";
        var h = _g.Conv2d(x, blocks / 0 / 0, _config.ModelChannels, 3, padding: Padding.Same(1));
        Skips.Add(h);
        var factor = 1;
        for (var level = 0; level < _config.ChannelMultipliers.Count; level++)
        {
            var channels = _config.ModelChannels * _config.ChannelMultipliers[level];
            for (var block = 0; block < _config.ResBlocks; block++)
            {
                h = Block(h, blocks / Skips.Count, channels, factor);
                Skips.Add(h);
            }

            if (level < _config.ChannelMultipliers.Count - 1)
            {
                h = _g.Conv2d(h, blocks / Skips.Count / 0 / "op", channels, 3, stride: 2, padding: Padding.Same(1));
                Skips.Add(h);
                factor *= 2;
            }
        }

        var middle = _scope / "middle_block";
        h = ResBlock.Append(_g, middle / 0, h, Time, h.Shape[1], _config.NormGroups);
        h = Transform(h, middle / 1);
        Middle = ResBlock.Append(_g, middle / 2, h, Time, h.Shape[1], _config.NormGroups);
    }

    private Node Transform(Node x, ParameterScope scope) =>
        SpatialTransformer.Append(_g, scope, x, _context, _config.HeadChannels, _config.TransformerDepth, _config.NormGroups);

    private Node EmbedTime(Node timestep)
    {
        var embedding = TimestepEmbedding.Append(_g, timestep, _config.ModelChannels);
        var scope = _scope / "time_embed";
        var hidden = _g.Silu(_g.Linear(embedding, scope / 0, _config.TimeFeatures));
        // Every residual block begins with the activation of the embedding: done once here.
        return _g.Silu(_g.Linear(hidden, scope / 2, _config.TimeFeatures));
    }
}
