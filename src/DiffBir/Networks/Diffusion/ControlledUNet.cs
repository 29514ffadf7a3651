using DiffBir.Graphs;

namespace DiffBir.Networks.Diffusion;

/// <summary>IRControlNet and the UNet it steers, as one network.</summary>
internal static class ControlledUNet
{
    /// <summary>Where Stable Diffusion's checkpoints keep the UNet.</summary>
    public static ParameterScope UNetScope => ParameterScope.Root / "model.diffusion_model";

    /// <summary>Where the joint network keeps IRControlNet, whose own files have no prefix.</summary>
    public static ParameterScope ControlScope => ParameterScope.Root / "control_model";

    /// <summary>The joint network.</summary>
    /// <param name="config">The sizes.</param>
    /// <param name="batch">Images at a time.</param>
    /// <param name="height">The latent's height.</param>
    /// <param name="width">The latent's width.</param>
    /// <param name="tokens">The context's length.</param>
    /// <returns>
    /// Inputs <c>xt</c>, <c>hint</c>, <c>timestep</c> [B], <c>context</c> and <c>strength</c>, a factor for each of
    /// IRControlNet's outputs (<see cref="UNetConfig.Controls"/>); output <c>prediction</c>.
    /// </returns>
    public static Graph Build(UNetConfig config, int batch, int height, int width, int tokens)
    {
        var g = new GraphBuilder("denoiser");
        var inputs = DenoiserInputs.Append(g, config, batch, height, width, tokens);
        var strength = g.Input("strength", [config.Controls]);
        var control = ControlNet.Append(g.At(ControlScope, config), inputs.Xt, inputs.Hint(), inputs.Timestep, inputs.Context);
        var scaled = control.Select((node, index) => g.Mul(node, g.Slice(strength, 0, index, 1))).ToArray();
        var prediction = UNet.Append(g.At(UNetScope, config), inputs.Xt, inputs.Timestep, inputs.Context, scaled);
        return g.Build(("prediction", prediction));
    }
}
