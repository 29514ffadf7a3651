using DiffBir.Graphs;

namespace DiffBir.Networks.Diffusion;

/// <summary>IRControlNet: a trainable copy of the UNet's encoder that reads the condition latent beside x_t.</summary>
/// <remarks>Its outputs pass through 1×1 convolutions that start as zeros and are added to the frozen UNet's skips.</remarks>
internal static class ControlNet
{
    /// <summary>How the network is known.</summary>
    internal static Architecture<UNetConfig> Architecture { get; } =
        new()
        {
            Kind = "ControlNet",
            Title = "IRControlNet (stage 2)",
            Marks = ["zero_convs.0.0.weight", "middle_block_out.0.weight"],
            ForeignMark = "input_hint_block.0.weight",
            Official = UNetConfig.StableDiffusion21,
            Assumed = [nameof(UNetConfig.HeadChannels), nameof(UNetConfig.NormGroups)],
            Recover = Recover,
            Validate = UNetSizes.Validate,
            Build = (config, scope) => [Build(config, DenoiserShape.MinOf(config), scope)],
        };

    /// <summary>Appends IRControlNet.</summary>
    /// <param name="s">The place of the network.</param>
    /// <param name="inputs">x_t, the condition latent, the timestep and the context.</param>
    /// <param name="depth">The encoder's last block, counted from 0; null: all of them and the middle block.</param>
    /// <returns>One output for each encoder block, then the middle block's where there is one.</returns>
    internal static IReadOnlyList<Node> Append(LayerScope<UNetConfig> s, DenoiserInputs inputs, int? depth = null)
    {
        var x = s.Graph.Concat(1, inputs.Xt, inputs.Hint());
        var encoder = DiffusionEncoder.Append(s, x, inputs.Timestep, inputs.Context, depth);
        var control = new List<Node>();
        foreach (var skip in encoder.Skips)
        {
            control.Add(s["zero_convs"][control.Count][0].Conv1x1(skip, skip.Shape[1]));
        }

        if (encoder.Middle is { } middle)
        {
            control.Add(s["middle_block_out.0"].Conv1x1(middle, middle.Shape[1]));
        }

        return control;
    }

    /// <summary>IRControlNet alone.</summary>
    /// <param name="config">The sizes.</param>
    /// <param name="shape">What it is built for; the latent's sides are multiples of <see cref="UNetConfig.SizeMultiple"/>.</param>
    /// <param name="scope">Where the weights are.</param>
    /// <returns>Inputs <c>xt</c>, <c>hint</c>, <c>timestep</c>, <c>context</c>; outputs <c>control0</c>, <c>control1</c> ….</returns>
    public static Graph Build(UNetConfig config, DenoiserShape shape, ParameterScope scope)
    {
        var g = new GraphBuilder("IRControlNet");
        var inputs = DenoiserInputs.Append(g, config, shape);
        var control = Append(g.At(scope, config), inputs);
        return g.Build([.. control.Select((node, index) => ($"control{index}", node))]);
    }

    private static UNetConfig Recover(WeightShapes weights)
    {
        var config = UNetSizes.Recover(weights);
        // Its first convolution reads x_t and the condition latent, which are alike.
        var half = weights.Size("input_blocks.0.0.weight", 1, config.InChannels + config.HintChannels) / 2;
        return config with { InChannels = Math.Max(1, half), OutChannels = Math.Max(1, half), HintChannels = Math.Max(1, half) };
    }
}
