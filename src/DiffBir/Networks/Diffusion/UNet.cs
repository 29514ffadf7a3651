using DiffBir.Graphs;

namespace DiffBir.Networks.Diffusion;

/// <summary>The diffusion UNet of Stable Diffusion 2.1, with room for IRControlNet's outputs on its skips.</summary>
internal static class UNet
{
    private const double Epsilon = 1e-5;

    /// <summary>How the network is known.</summary>
    internal static Architecture<UNetConfig> Architecture { get; } =
        new()
        {
            Kind = "UNet",
            Title = "UNet (stage 2)",
            Marks = ["output_blocks.0.0.in_layers.0.weight", "output_blocks.1.0.in_layers.0.weight"],
            Official = UNetConfig.StableDiffusion21,
            Assumed = [nameof(UNetConfig.HintChannels), nameof(UNetConfig.HeadChannels), nameof(UNetConfig.NormGroups)],
            Recover = Recover,
            Validate = UNetSizes.Validate,
            Build = (config, scope) => [Build(config, 1, config.SizeMultiple, config.SizeMultiple, tokens: 1, scope)],
        };

    /// <summary>Appends the UNet.</summary>
    /// <param name="s">The place of the network.</param>
    /// <param name="xt">[B, C, H, W].</param>
    /// <param name="timestep">[B].</param>
    /// <param name="context">[B, tokens, features].</param>
    /// <param name="control">IRControlNet's outputs, which are added to the skips and the middle block's output; empty without.</param>
    /// <returns>The prediction (ε or v), [B, C, H, W].</returns>
    internal static Node Append(LayerScope<UNetConfig> s, Node xt, Node timestep, Node context, IReadOnlyList<Node> control)
    {
        var (g, config) = s;
        var encoder = DiffusionEncoder.Append(s, xt, timestep, context);
        var skips = encoder.Skips;
        var h = encoder.Middle;
        if (control.Count > 0)
        {
            h = g.Add(h, control[^1]);
            skips = [.. skips.Zip(control, g.Add)];
        }

        var index = 0;
        for (var level = config.ChannelMultipliers.Count - 1; level >= 0; level--)
        {
            var channels = config.ModelChannels * config.ChannelMultipliers[level];
            for (var block = 0; block <= config.ResBlocks; block++)
            {
                var output = s["output_blocks"][index];
                h = encoder.Block(output, g.Concat(1, h, skips[^(index + 1)]), channels, 1 << level);
                if (level > 0 && block == config.ResBlocks)
                {
                    var position = encoder.HasAttention(1 << level) ? 2 : 1;
                    // A side that was odd before it was halved becomes odd again: that of the skip connection that comes next.
                    var next = skips[^(index + 2)].Shape;
                    h = g.Slice(g.Slice(g.UpsampleNearest(h, 2), 2, 0, next[2]), 3, 0, next[3]);
                    h = output[position]["conv"].Conv3x3(h, channels);
                }

                index++;
            }
        }

        h = g.Silu(s["out.0"].GroupNorm(h, config.NormGroups, Epsilon));
        return s["out.2"].Conv3x3(h, config.OutChannels);
    }

    /// <summary>The UNet alone.</summary>
    /// <param name="config">The sizes.</param>
    /// <param name="batch">Images at a time.</param>
    /// <param name="height">The latent's height; any.</param>
    /// <param name="width">The latent's width; any.</param>
    /// <param name="tokens">The context's length.</param>
    /// <param name="scope">Where the weights are.</param>
    /// <returns>Inputs <c>xt</c>, <c>timestep</c>, <c>context</c>; output <c>prediction</c>.</returns>
    public static Graph Build(UNetConfig config, int batch, int height, int width, int tokens, ParameterScope scope)
    {
        var g = new GraphBuilder("UNet");
        var inputs = DenoiserInputs.Append(g, config, batch, height, width, tokens);
        var prediction = Append(g.At(scope, config), inputs.Xt, inputs.Timestep, inputs.Context, []);
        return g.Build(("prediction", prediction));
    }

    private static UNetConfig Recover(WeightShapes weights)
    {
        var config = UNetSizes.Recover(weights);
        return config with
        {
            InChannels = weights.Size("input_blocks.0.0.weight", 1, config.InChannels),
            OutChannels = weights.Size("out.2.weight", 0, config.OutChannels),
        };
    }
}
