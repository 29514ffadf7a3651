using DiffBir.Graphs;

namespace DiffBir.Networks.Autoencoder;

/// <summary>The encoder of the variational autoencoder: image to the moments of its latent posterior.</summary>
internal static class Encoder
{
    /// <summary>Appends the encoder.</summary>
    /// <param name="s">The place of the autoencoder.</param>
    /// <param name="imagePm1">[B, 3, H, W] in [−1, 1]; H and W multiples of <see cref="AutoencoderConfig.Reduction"/>.</param>
    /// <returns>[B, 2·latent, H/8, W/8]: mean, then logarithm of the variance; not scaled.</returns>
    internal static Node Append(LayerScope<AutoencoderConfig> s, Node imagePm1)
    {
        var (g, config) = s;
        return AppendDeep(s, AppendDown(s, config.Patch == 1 ? imagePm1 : g.PixelUnshuffle(imagePm1, config.Patch)));
    }

    /// <summary>Appends the part above the latent's resolution; it is local: far pixels meet in the norms' statistics alone.</summary>
    /// <param name="s">The place of the autoencoder.</param>
    /// <param name="patches">[B, 3·patch², H/patch, W/patch].</param>
    /// <returns>[B, C, H/8, W/8], where C is the channels of the last level but one.</returns>
    internal static Node AppendDown(LayerScope<AutoencoderConfig> s, Node patches)
    {
        var h = s["encoder.conv_in"].Conv3x3(patches, s.Config.Channels);
        for (var level = 0; level < s.Config.ChannelMultipliers.Count - 1; level++)
        {
            h = AppendLevel(s, h, level);
            // Padded on the right and at the bottom alone, as the original was trained.
            var padding = new Padding(0, 0, 1, 1);
            h = s["encoder.down"][level]["downsample.conv"].Conv2d(h, h.Shape[1], 3, stride: 2, padding);
        }

        return h;
    }

    /// <summary>Appends the rest, at the latent's resolution, with attention over all of it.</summary>
    /// <returns>[B, 2·latent, H/8, W/8]: mean, then logarithm of the variance; not scaled.</returns>
    internal static Node AppendDeep(LayerScope<AutoencoderConfig> s, Node h) =>
        AppendOut(s, AutoencoderBlocks.Middle(s["encoder.mid"], AppendLastLevel(s, h)));

    /// <summary>Appends the same part up to its attention (<see cref="AutoencoderBlocks.MiddleToAttention"/>).</summary>
    internal static Node AppendToAttention(LayerScope<AutoencoderConfig> s, Node h) =>
        AutoencoderBlocks.MiddleToAttention(s["encoder.mid"], AppendLastLevel(s, h));

    /// <summary>Appends the same part behind its attention (<see cref="AutoencoderBlocks.MiddleFromAttention"/>).</summary>
    internal static Node AppendFromAttention(LayerScope<AutoencoderConfig> s, Node joined) =>
        AppendOut(s, AutoencoderBlocks.MiddleFromAttention(s["encoder.mid"], joined));

    private static Node AppendOut(LayerScope<AutoencoderConfig> s, Node h)
    {
        var moments = 2 * s.Config.LatentChannels;
        h = s["encoder.conv_out"].Conv3x3(AutoencoderBlocks.NormSilu(s["encoder.norm_out"], h), moments);
        return s["quant_conv"].Conv1x1(h, moments);
    }

    private static Node AppendLastLevel(LayerScope<AutoencoderConfig> s, Node h) =>
        AppendLevel(s, h, s.Config.ChannelMultipliers.Count - 1);

    private static Node AppendLevel(LayerScope<AutoencoderConfig> s, Node h, int level)
    {
        var channels = s.Config.Channels * s.Config.ChannelMultipliers[level];
        return AutoencoderBlocks.Level(s["encoder.down"][level], h, channels, s.Config.ResBlocks);
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
        return g.Build(("moments", Append(g.At(scope, config), image)));
    }
}
