using DiffBir.Graphs;

namespace DiffBir.Networks.Autoencoder;

/// <summary>The decoder of the variational autoencoder: latent to image.</summary>
public static class Decoder
{
    /// <summary>Appends the decoder.</summary>
    /// <param name="g">The graph to append to.</param>
    /// <param name="config">The sizes.</param>
    /// <param name="scope">Where the weights are.</param>
    /// <param name="z">[B, latent, h, w], not scaled.</param>
    /// <returns>[B, 3, 8h, 8w], about [−1, 1].</returns>
    public static Node Append(GraphBuilder g, AutoencoderConfig config, ParameterScope scope, Node z)
    {
        var patches = AppendUp(g, config, scope, AppendDeep(g, config, scope, z));
        return config.Patch == 1 ? patches : g.PixelShuffle(patches, config.Patch);
    }

    /// <summary>Appends the part at the latent's resolution, with attention over all of it.</summary>
    /// <returns>[B, deepest channels, h, w].</returns>
    internal static Node AppendDeep(GraphBuilder g, AutoencoderConfig config, ParameterScope scope, Node z)
    {
        var middle = scope / "decoder" / "mid";
        var h = AppendIn(g, config, scope, z);
        h = AutoencoderBlocks.Middle(g, middle, h, config);
        return AppendLevel(g, config, scope, h, config.ChannelMultipliers.Count - 1);
    }

    /// <summary>Appends the same part up to its attention (<see cref="AutoencoderBlocks.MiddleToAttention"/>).</summary>
    internal static Node AppendToAttention(GraphBuilder g, AutoencoderConfig config, ParameterScope scope, Node z) =>
        AutoencoderBlocks.MiddleToAttention(g, scope / "decoder" / "mid", AppendIn(g, config, scope, z), config.NormGroups);

    /// <summary>Appends the same part behind its attention (<see cref="AutoencoderBlocks.MiddleFromAttention"/>).</summary>
    internal static Node AppendFromAttention(GraphBuilder g, AutoencoderConfig config, ParameterScope scope, Node joined)
    {
        var middle = scope / "decoder" / "mid";
        var h = AutoencoderBlocks.MiddleFromAttention(g, middle, joined, config.NormGroups);
        return AppendLevel(g, config, scope, h, config.ChannelMultipliers.Count - 1);
    }

    private static Node AppendIn(GraphBuilder g, AutoencoderConfig config, ParameterScope scope, Node z)
    {
        var h = g.Conv2d(z, scope / "post_quant_conv", config.LatentChannels, 1);
        return g.Conv2d(
            h,
            scope / "decoder" / "conv_in",
            config.Channels * config.ChannelMultipliers[^1],
            3,
            padding: Padding.Same(1)
        );
    }

    /// <summary>Appends the rest, up to the image's resolution; it is local: far pixels meet in the norms' statistics alone.</summary>
    /// <returns>[B, 3·patch², 8h/patch, 8w/patch], about [−1, 1].</returns>
    internal static Node AppendUp(GraphBuilder g, AutoencoderConfig config, ParameterScope scope, Node h)
    {
        var decoder = scope / "decoder";
        for (var level = config.ChannelMultipliers.Count - 1; level > 0; level--)
        {
            h = g.UpsampleNearest(h, 2);
            var upsample = decoder / "up" / level / "upsample.conv";
            h = g.Conv2d(h, upsample, h.Shape[1], 3, padding: Padding.Same(1));
            h = AppendLevel(g, config, scope, h, level - 1);
        }

        h = AutoencoderBlocks.NormSilu(g, decoder / "norm_out", h, config.NormGroups);
        var pixels = 3 * config.Patch * config.Patch;
        return g.Conv2d(h, decoder / "conv_out", pixels, 3, padding: Padding.Same(1));
    }

    private static Node AppendLevel(GraphBuilder g, AutoencoderConfig config, ParameterScope scope, Node h, int level)
    {
        var channels = config.Channels * config.ChannelMultipliers[level];
        var blocks = scope / "decoder" / "up" / level / "block";
        for (var block = 0; block <= config.ResBlocks; block++)
        {
            h = AutoencoderBlocks.Residual(g, blocks / block, h, channels, config.NormGroups);
        }

        return h;
    }

    /// <summary>The decoder as a network: input <c>z</c>, not scaled, output <c>image</c>, about [−1, 1].</summary>
    public static Graph Build(AutoencoderConfig config, int batch, int height, int width, ParameterScope scope)
    {
        var g = new GraphBuilder("VAE decoder");
        var z = g.Input("z", [batch, config.LatentChannels, height, width]);
        return g.Build(("image", Append(g, config, scope, z)));
    }
}
