using DiffBir.Graphs;

namespace DiffBir.Stage2.Autoencoder;

/// <summary>The decoder of the variational autoencoder: latent to image.</summary>
public static class Decoder
{
    /// <summary>Appends the decoder.</summary>
    /// <param name="g">The graph to append to.</param>
    /// <param name="config">The sizes.</param>
    /// <param name="scope">Where the weights are.</param>
    /// <param name="z">[B, latent, h, w], not scaled.</param>
    /// <returns>[B, 3, 8h, 8w], about [−1, 1].</returns>
    public static Node Append(
        GraphBuilder g,
        AutoencoderConfig config,
        ParameterScope scope,
        Node z
    )
    {
        var decoder = scope / "decoder";
        var h = g.Conv2d(z, scope / "post_quant_conv", config.LatentChannels, 1);
        var deepest = config.Channels * config.ChannelMultipliers[^1];
        h = g.Conv2d(h, decoder / "conv_in", deepest, 3, padding: Padding.Same(1));
        h = AutoencoderBlocks.Middle(g, decoder / "mid", h, config.NormGroups);
        for (var level = config.ChannelMultipliers.Count - 1; level >= 0; level--)
        {
            var channels = config.Channels * config.ChannelMultipliers[level];
            var up = decoder / "up" / level;
            for (var block = 0; block <= config.ResBlocks; block++)
            {
                h = AutoencoderBlocks.Residual(
                    g,
                    up / "block" / block,
                    h,
                    channels,
                    config.NormGroups
                );
            }

            if (level > 0)
            {
                h = g.UpsampleNearest(h, 2);
                h = g.Conv2d(h, up / "upsample.conv", channels, 3, padding: Padding.Same(1));
            }
        }

        h = AutoencoderBlocks.NormSilu(g, decoder / "norm_out", h, config.NormGroups);
        var pixels = 3 * config.Patch * config.Patch;
        h = g.Conv2d(h, decoder / "conv_out", pixels, 3, padding: Padding.Same(1));
        return config.Patch == 1 ? h : g.PixelShuffle(h, config.Patch);
    }

    /// <summary>The decoder as a network: input <c>z</c>, not scaled, output <c>image</c>, about [−1, 1].</summary>
    public static Graph Build(
        AutoencoderConfig config,
        int batch,
        int height,
        int width,
        ParameterScope scope
    )
    {
        var g = new GraphBuilder("VAE decoder");
        var z = g.Input("z", [batch, config.LatentChannels, height, width]);
        return g.Build(("image", Append(g, config, scope, z)));
    }
}
