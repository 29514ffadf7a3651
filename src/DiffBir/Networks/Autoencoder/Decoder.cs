using DiffBir.Graphs;

namespace DiffBir.Networks.Autoencoder;

/// <summary>The decoder of the variational autoencoder: latent to image.</summary>
internal static class Decoder
{
    /// <summary>Appends the decoder.</summary>
    /// <param name="s">The place of the autoencoder.</param>
    /// <param name="z">[B, latent, h, w], not scaled.</param>
    /// <returns>[B, 3, 8h, 8w], about [−1, 1].</returns>
    internal static Node Append(LayerScope<AutoencoderConfig> s, Node z)
    {
        var (g, config) = s;
        var patches = AppendUp(s, AppendDeep(s, z));
        return config.Patch == 1 ? patches : g.PixelShuffle(patches, config.Patch);
    }

    /// <summary>Appends the part at the latent's resolution, with attention over all of it.</summary>
    /// <returns>[B, deepest channels, h, w].</returns>
    internal static Node AppendDeep(LayerScope<AutoencoderConfig> s, Node z) =>
        AppendDeepestLevel(s, AutoencoderBlocks.Middle(s["decoder.mid"], AppendIn(s, z)));

    /// <summary>Appends the same part up to its attention (<see cref="AutoencoderBlocks.MiddleToAttention"/>).</summary>
    internal static Node AppendToAttention(LayerScope<AutoencoderConfig> s, Node z) =>
        AutoencoderBlocks.MiddleToAttention(s["decoder.mid"], AppendIn(s, z));

    /// <summary>Appends the same part behind its attention (<see cref="AutoencoderBlocks.MiddleFromAttention"/>).</summary>
    internal static Node AppendFromAttention(LayerScope<AutoencoderConfig> s, Node joined) =>
        AppendDeepestLevel(s, AutoencoderBlocks.MiddleFromAttention(s["decoder.mid"], joined));

    private static Node AppendIn(LayerScope<AutoencoderConfig> s, Node z)
    {
        var h = s["post_quant_conv"].Conv1x1(z, s.Config.LatentChannels);
        return s["decoder.conv_in"].Conv3x3(h, s.Config.Channels * s.Config.ChannelMultipliers[^1]);
    }

    /// <summary>Appends the rest, up to the image's resolution; it is local: far pixels meet in the norms' statistics alone.</summary>
    /// <returns>[B, 3·patch², 8h/patch, 8w/patch], about [−1, 1].</returns>
    internal static Node AppendUp(LayerScope<AutoencoderConfig> s, Node h)
    {
        var (g, config) = s;
        for (var level = config.ChannelMultipliers.Count - 1; level > 0; level--)
        {
            h = s["decoder.up"][level]["upsample.conv"].Conv3x3(g.UpsampleNearest(h, 2), h.Shape[1]);
            h = AppendLevel(s, h, level - 1);
        }

        h = AutoencoderBlocks.NormSilu(s["decoder.norm_out"], h);
        return s["decoder.conv_out"].Conv3x3(h, 3 * config.Patch * config.Patch);
    }

    private static Node AppendDeepestLevel(LayerScope<AutoencoderConfig> s, Node h) =>
        AppendLevel(s, h, s.Config.ChannelMultipliers.Count - 1);

    private static Node AppendLevel(LayerScope<AutoencoderConfig> s, Node h, int level)
    {
        var channels = s.Config.Channels * s.Config.ChannelMultipliers[level];
        return AutoencoderBlocks.Level(s["decoder.up"][level], h, channels, s.Config.ResBlocks + 1);
    }

    /// <summary>The decoder as a network: input <c>z</c>, not scaled, output <c>image</c>, about [−1, 1].</summary>
    public static Graph Build(AutoencoderConfig config, int batch, int height, int width, ParameterScope scope)
    {
        var g = new GraphBuilder("VAE decoder");
        var z = g.Input("z", [batch, config.LatentChannels, height, width]);
        return g.Build(("image", Append(g.At(scope, config), z)));
    }
}
