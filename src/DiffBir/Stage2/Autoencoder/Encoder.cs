using DiffBir.Graphs;

namespace DiffBir.Stage2.Autoencoder;

/// <summary>The encoder of the variational autoencoder: image to the moments of its latent posterior.</summary>
public static class Encoder
{
    /// <summary>Appends the encoder.</summary>
    /// <param name="g">The graph to append to.</param>
    /// <param name="config">The sizes.</param>
    /// <param name="scope">Where the weights are.</param>
    /// <param name="imagePm1">[B, 3, H, W] in [−1, 1]; H and W multiples of <see cref="AutoencoderConfig.Reduction"/>.</param>
    /// <returns>[B, 2·latent, H/8, W/8]: mean, then logarithm of the variance; not scaled.</returns>
    public static Node Append(
        GraphBuilder g,
        AutoencoderConfig config,
        ParameterScope scope,
        Node imagePm1
    )
    {
        var encoder = scope / "encoder";
        var h = config.Patch == 1 ? imagePm1 : g.PixelUnshuffle(imagePm1, config.Patch);
        h = g.Conv2d(h, encoder / "conv_in", config.Channels, 3, padding: Padding.Same(1));
        for (var level = 0; level < config.ChannelMultipliers.Count; level++)
        {
            var channels = config.Channels * config.ChannelMultipliers[level];
            var down = encoder / "down" / level;
            for (var block = 0; block < config.ResBlocks; block++)
            {
                h = AutoencoderBlocks.Residual(
                    g,
                    down / "block" / block,
                    h,
                    channels,
                    config.NormGroups
                );
            }

            if (level < config.ChannelMultipliers.Count - 1)
            {
                // Padded on the right and at the bottom alone, as the original was trained.
                var padding = new Padding(0, 0, 1, 1);
                h = g.Conv2d(h, down / "downsample.conv", channels, 3, stride: 2, padding);
            }
        }

        h = AutoencoderBlocks.Middle(g, encoder / "mid", h, config.NormGroups);
        h = AutoencoderBlocks.NormSilu(g, encoder / "norm_out", h, config.NormGroups);
        h = g.Conv2d(
            h,
            encoder / "conv_out",
            2 * config.LatentChannels,
            3,
            padding: Padding.Same(1)
        );
        return g.Conv2d(h, scope / "quant_conv", 2 * config.LatentChannels, 1);
    }

    /// <summary>The encoder as a network: input <c>image</c> in [−1, 1], output <c>moments</c>, not scaled.</summary>
    /// <exception cref="ShapeException">Height or width is not a multiple of the reduction.</exception>
    public static Graph Build(
        AutoencoderConfig config,
        int batch,
        int height,
        int width,
        ParameterScope scope
    )
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
