using DiffBir.Graphs;

namespace DiffBir.Networks.Diffusion;

/// <summary>The diffusion UNet of Stable Diffusion 2.1, with room for IRControlNet's outputs on its skips.</summary>
internal static class UNet
{
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
            Build = (config, scope) => [Build(config, DenoiserShape.MinOf(config), scope)],
        };

    /// <summary>Appends the UNet.</summary>
    /// <param name="s">The place of the network.</param>
    /// <param name="xt">[B, C, H, W].</param>
    /// <param name="timestep">[B].</param>
    /// <param name="context">[B, tokens, features]; null without text.</param>
    /// <param name="control">IRControlNet's outputs, which are added to the skips and the middle block's output; empty without.</param>
    /// <returns>The prediction (ε or v), [B, C, H, W].</returns>
    internal static Node Append(LayerScope<UNetConfig> s, Node xt, Node timestep, Node? context, IReadOnlyList<Node> control)
    {
        var decoder = UNetDecoder.Behind(s, DiffusionEncoder.Append(s, xt, timestep, context), control);
        return decoder.Predict(decoder.Deep(0), 0);
    }

    /// <summary>The UNet alone.</summary>
    /// <param name="config">The sizes.</param>
    /// <param name="shape">What it is built for; the latent has any height and width.</param>
    /// <param name="scope">Where the weights are.</param>
    /// <returns>Inputs <c>xt</c>, <c>timestep</c>, <c>context</c>; output <c>prediction</c>.</returns>
    public static Graph Build(UNetConfig config, DenoiserShape shape, ParameterScope scope)
    {
        var g = new GraphBuilder("UNet");
        var inputs = DenoiserInputs.Append(g, config, shape);
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
