using DiffBir.Graphs;

namespace DiffBir.Networks.Diffusion;

/// <summary>IRControlNet and the UNet it steers, as one network.</summary>
/// <remarks>
/// Neighboring steps hardly differ in what their deep layers contribute (DeepCache, arXiv 2312.00858), so besides the whole
/// network there are one that tells that (<see cref="BuildKeeping"/>) and one that is told it (<see cref="BuildShallow"/>).
/// </remarks>
internal static class ControlledUNet
{
    /// <summary>Where Stable Diffusion's checkpoints keep the UNet.</summary>
    public static ParameterScope UNetScope => ParameterScope.Root / "model.diffusion_model";

    /// <summary>Where the joint network keeps IRControlNet, whose own files have no prefix.</summary>
    public static ParameterScope ControlScope => ParameterScope.Root / "control_model";

    /// <summary>The joint network.</summary>
    /// <param name="config">The sizes.</param>
    /// <param name="shape">What it is built for; the latent's sides are multiples of <see cref="UNetConfig.SizeMultiple"/>.</param>
    /// <returns>
    /// Inputs <c>xt</c>, <c>hint</c>, <c>timestep</c> [B], <c>context</c> and <c>strength</c>, a factor for each of
    /// IRControlNet's outputs (<see cref="UNetConfig.Controls"/>); output <c>prediction</c>.
    /// </returns>
    public static Graph Build(UNetConfig config, DenoiserShape shape)
    {
        var g = new GraphBuilder("denoiser");
        var inputs = DenoiserInputs.Append(g, config, shape);
        var decoder = Decoder(g, config, inputs, depth: null);
        return g.Build(("prediction", decoder.Predict(decoder.Deep(0), 0)));
    }

    /// <summary>The joint network for one image, which also gives what its deep layers contribute.</summary>
    /// <param name="config">The sizes.</param>
    /// <param name="depth">The skip connection below which layers are deep: from 0 to <see cref="UNetConfig.Skips"/> − 1.</param>
    /// <param name="height">The latent's height.</param>
    /// <param name="width">The latent's width.</param>
    /// <param name="tokens">The context's length.</param>
    /// <returns>Inputs as of <see cref="Build"/>; outputs <c>prediction</c> and <c>deep</c>.</returns>
    public static Graph BuildKeeping(UNetConfig config, int depth, int height, int width, int tokens)
    {
        var g = new GraphBuilder("denoiser");
        var inputs = DenoiserInputs.Append(g, config, new(1, height, width, tokens));
        var decoder = Decoder(g, config, inputs, depth: null);
        var deep = decoder.Deep(depth);
        return g.Build(("prediction", decoder.Predict(deep, depth)), ("deep", deep));
    }

    /// <summary>The joint network for one image without its deep layers.</summary>
    /// <param name="config">The sizes.</param>
    /// <param name="depth">The skip connection below which layers are left out.</param>
    /// <param name="height">The latent's height.</param>
    /// <param name="width">The latent's width.</param>
    /// <param name="tokens">The context's length.</param>
    /// <returns>Inputs as of <see cref="Build"/>, and <c>deep</c>, what <see cref="BuildKeeping"/> gave; output <c>prediction</c>.</returns>
    public static Graph BuildShallow(UNetConfig config, int depth, int height, int width, int tokens)
    {
        var g = new GraphBuilder("shallow denoiser");
        var inputs = DenoiserInputs.Append(g, config, new(1, height, width, tokens));
        var decoder = Decoder(g, config, inputs, depth);
        var deep = g.Input("deep", UNetDecoder.DeepShape(config, depth, height, width));
        return g.Build(("prediction", decoder.Predict(deep, depth)));
    }

    private static UNetDecoder Decoder(GraphBuilder g, UNetConfig config, DenoiserInputs inputs, int? depth)
    {
        var (control, unet) = (g.At(ControlScope, config), g.At(UNetScope, config));
        var strength = g.Input("strength", [config.Controls]);
        var controls = ControlNet.Append(control, inputs, depth);
        var scaled = controls.Select((node, index) => g.Mul(node, g.Slice(strength, 0, index, 1))).ToArray();
        var encoder = DiffusionEncoder.Append(unet, inputs.Xt, inputs.Timestep, inputs.Context, depth);
        return UNetDecoder.Behind(unet, encoder, scaled);
    }
}
