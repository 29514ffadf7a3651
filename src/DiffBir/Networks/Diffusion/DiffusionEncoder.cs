using DiffBir.Graphs;

namespace DiffBir.Networks.Diffusion;

/// <summary>The half of the diffusion UNet that IRControlNet is a trainable copy of: time embedding, encoder, middle block.</summary>
internal sealed class DiffusionEncoder
{
    private readonly LayerScope<UNetConfig> _s;
    private readonly Node? _context;

    private DiffusionEncoder(LayerScope<UNetConfig> s, Node timestep, Node? context)
    {
        (_s, _context) = (s, context);
        Time = EmbedTime(timestep);
    }

    /// <summary>The embedded timestep after its activation. (B, 4·channels)</summary>
    public Node Time { get; }

    /// <summary>The output of each encoder block, from full resolution down.</summary>
    public List<Node> Skips { get; } = [];

    /// <summary>The output of the middle block; null where the encoder ends above it.</summary>
    public Node? Middle { get; private set; }

    /// <summary>Appends the encoder.</summary>
    /// <param name="s">The place of the network.</param>
    /// <param name="x">[B, C, H, W]: x_t, for IRControlNet with the condition latent behind it.</param>
    /// <param name="timestep">[B], 0 to 999, may be fractional.</param>
    /// <param name="context">[B, tokens, features]; null without text.</param>
    /// <param name="depth">The encoder's last block, counted from 0; null: all of them and the middle block.</param>
    public static DiffusionEncoder Append(LayerScope<UNetConfig> s, Node x, Node timestep, Node? context, int? depth = null)
    {
        var encoder = new DiffusionEncoder(s, timestep, context);
        var last = encoder.Encode(x).ElementAt(depth ?? (s.Config.Skips - 1));
        if (depth is null)
        {
            encoder.AppendMiddle(last);
        }

        return encoder;
    }

    /// <summary>A residual block and, where the level has attention, a spatial transformer.</summary>
    public Node Block(LayerScope<UNetConfig> s, Node x, int channels, int factor)
    {
        x = ResBlock.Append(s[0], x, Time, channels);
        return HasAttention(factor) ? SpatialTransformer.Append(s[1], x, _context) : x;
    }

    /// <summary>Whether the level reduced by this factor has attention.</summary>
    public bool HasAttention(int factor) => _s.Config.AttentionFactors.Contains(factor);

    /// <summary>Appends one block after the other, as far as they are asked for.</summary>
    private IEnumerable<Node> Encode(Node x)
    {
        var (config, blocks) = (_s.Config, _s["input_blocks"]);
        var h = Skipped(blocks[0][0].Conv3x3(x, config.ModelChannels));
        yield return h;
        var factor = 1;
        for (var level = 0; level < config.ChannelMultipliers.Count; level++)
        {
            var channels = config.ModelChannels * config.ChannelMultipliers[level];
            for (var block = 0; block < config.ResBlocks; block++)
            {
                h = Skipped(Block(blocks[Skips.Count], h, channels, factor));
                yield return h;
            }

            if (level < config.ChannelMultipliers.Count - 1)
            {
                h = Skipped(blocks[Skips.Count][0]["op"].Conv2d(h, channels, 3, stride: 2, padding: Padding.Same(1)));
                yield return h;
                factor *= 2;
            }
        }
    }

    private Node Skipped(Node output)
    {
        Skips.Add(output);
        return output;
    }

    private void AppendMiddle(Node h)
    {
        var middle = _s["middle_block"];
        h = ResBlock.Append(middle[0], h, Time, h.Shape[1]);
        h = SpatialTransformer.Append(middle[1], h, _context);
        Middle = ResBlock.Append(middle[2], h, Time, h.Shape[1]);
    }

    private Node EmbedTime(Node timestep)
    {
        var (g, config) = _s;
        var embedding = TimestepEmbedding.Append(g, timestep, config.ModelChannels);
        var hidden = g.Silu(_s["time_embed.0"].Linear(embedding, config.TimeFeatures));
        // Every residual block begins with the activation of the embedding: done once here.
        return g.Silu(_s["time_embed.2"].Linear(hidden, config.TimeFeatures));
    }
}
