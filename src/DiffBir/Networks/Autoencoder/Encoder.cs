using DiffBir.Graphs;

namespace DiffBir.Networks.Autoencoder;

/// <summary>The encoder of the variational autoencoder: image to the moments of its latent posterior.</summary>
public static class Encoder
{
    /// <summary>Appends the encoder.</summary>
    /// <param name="g">The graph to append to.</param>
    /// <param name="config">The sizes.</param>
    /// <param name="scope">Where the weights are.</param>
    /// <param name="imagePm1">[B, 3, H, W] in [−1, 1]; H and W multiples of <see cref="AutoencoderConfig.Reduction"/>.</param>
    /// <returns>[B, 2·latent, H/8, W/8]: mean, then logarithm of the variance; not scaled.</returns>
    public static Node Append(GraphBuilder g, AutoencoderConfig config, ParameterScope scope, Node imagePm1)
    {
        var patches = config.Patch == 1 ? imagePm1 : g.PixelUnshuffle(imagePm1, config.Patch);
        return AppendDeep(g, config, scope, AppendDown(g, config, scope, patches));
    }

    /// <summary>Appends the part above the latent's resolution; it is local: far pixels meet in the norms' statistics alone.</summary>
    /// <param name="g">The graph to append to.</param>
    /// <param name="config">The sizes.</param>
    /// <param name="scope">Where the weights are.</param>
    /// <param name="patches">[B, 3·patch², H/patch, W/patch].</param>
    /// <returns>[B, C, H/8, W/8], where C is the channels of the last level but one.</returns>
    internal static Node AppendDown(GraphBuilder g, AutoencoderConfig config, ParameterScope scope, Node patches)
    {
        var encoder = scope / "encoder";
        var h = g.Conv2d(patches, encoder / "conv_in", config.Channels, 3, padding: Padding.Same(1));
        for (var level = 0; level < config.ChannelMultipliers.Count - 1; level++)
        {
            h = AppendLevel(g, config, scope, h, level);
            // Padded on the right and at the bottom alone, as the original was trained.
            var padding = new Padding(0, 0, 1, 1);
            var downsample = encoder / "down" / level / "downsample.conv";
            h = g.Conv2d(h, downsample, h.Shape[1], 3, stride: 2, padding);
        }

        return h;
    }

    /// <summary>Appends the rest, at the latent's resolution, with attention over all of it.</summary>
    /// <returns>[B, 2·latent, H/8, W/8]: mean, then logarithm of the variance; not scaled.</returns>
    internal static Node AppendDeep(GraphBuilder g, AutoencoderConfig config, ParameterScope scope, Node h)
    {
        h = AppendLevel(g, config, scope, h, config.ChannelMultipliers.Count - 1);
        h = AutoencoderBlocks.Middle(g, scope / "encoder" / "mid", h, config);
        return AppendOut(g, config, scope, h);
    }

    /// <summary>Appends the same part up to its attention (<see cref="AutoencoderBlocks.MiddleToAttention"/>).</summary>
    internal static Node AppendToAttention(GraphBuilder g, AutoencoderConfig config, ParameterScope scope, Node h)
    {
        h = AppendLevel(g, config, scope, h, config.ChannelMultipliers.Count - 1);
        var middle = scope / "encoder" / "mid";
        return AutoencoderBlocks.MiddleToAttention(g, middle, h, config.NormGroups);
    }

    /// <summary>Appends the same part behind its attention (<see cref="AutoencoderBlocks.MiddleFromAttention"/>).</summary>
    internal static Node AppendFromAttention(GraphBuilder g, AutoencoderConfig config, ParameterScope scope, Node joined)
    {
        var middle = scope / "encoder" / "mid";
        var h = AutoencoderBlocks.MiddleFromAttention(g, middle, joined, config.NormGroups);
        return AppendOut(g, config, scope, h);
    }

    private static Node AppendOut(GraphBuilder g, AutoencoderConfig config, ParameterScope scope, Node h)
    {
        var encoder = scope / "encoder";
        h = AutoencoderBlocks.NormSilu(g, encoder / "norm_out", h, config.NormGroups);
        var moments = 2 * config.LatentChannels;
        h = g.Conv2d(h, encoder / "conv_out", moments, 3, padding: Padding.Same(1));
        return g.Conv2d(h, scope / "quant_conv", moments, 1);
    }

    private static Node AppendLevel(GraphBuilder g, AutoencoderConfig config, ParameterScope scope, Node h, int level)
    {
        var channels = config.Channels * config.ChannelMultipliers[level];
        var blocks = scope / "encoder" / "down" / level / "block";
        for (var block = 0; block < config.ResBlocks; block++)
        {
            h = AutoencoderBlocks.Residual(g, blocks / block, h, channels, config.NormGroups);
        }

        return h;
    }

    /// <summary>The encoder as a network: input <c>image</c> in [−1, 1], output <c>moments</c>, not scaled.</summary>
    /// <exception cref="ShapeException">Height or width is not a multiple of the reduction.</exception>
    public static Graph Build(AutoencoderConfig config, int batch, int height, int width, ParameterScope scope)
    {
        if (height % config.Reduction != 0 || width % config.Reduction != 0)
        {
            throw new ShapeException(
                $"An image of {width}x{height} cannot be encoded. Pad it to multiples of {config.Reduction}."
            );
        }

        var g = new GraphBuilder("VAE encoder");
        var image = g.Input("image", [batch, 3, height, width]);
        return g.Build(("moments", Append(g, config, scope, image)));
    }
}
