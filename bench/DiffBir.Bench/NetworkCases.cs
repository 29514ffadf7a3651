using DiffBir.Graphs;
using DiffBir.Networks;
using DiffBir.Networks.Autoencoder;
using DiffBir.Networks.Diffusion;

namespace DiffBir.Bench;

/// <summary>Every network at its official size.</summary>
internal static class NetworkCases
{
    private static readonly ParameterScope Vae = ParameterScope.Root / "first_stage_model";

    /// <summary>The networks by name.</summary>
    public static IReadOnlyDictionary<string, Func<Graph>> All { get; } =
        new Dictionary<string, Func<Graph>>
        {
            ["denoiser-1"] = () => ControlledUNet.Build(UNetConfig.StableDiffusion21, 1, 64, 64, 77),
            ["denoiser-2"] = () => ControlledUNet.Build(UNetConfig.StableDiffusion21, 2, 64, 64, 77),
            ["unet-1"] = () => UNet.Build(UNetConfig.StableDiffusion21, 1, 64, 64, 77, ControlledUNet.UNetScope),
            ["controlnet-1"] = () => ControlNet.Build(UNetConfig.StableDiffusion21, 1, 64, 64, 77, ControlledUNet.ControlScope),
            ["vae-encoder"] = () => Encoder.Build(AutoencoderConfig.StableDiffusion21, 1, 512, 512, Vae),
            ["vae-decoder"] = () => Decoder.Build(AutoencoderConfig.StableDiffusion21, 1, 64, 64, Vae),
            ["text-encoder"] = () => TextEncoder.Build(TextEncoderConfig.OpenClipViTH, 1, TextEncoder.Scope),
            ["swinir"] = () => SwinIr.Build(SwinIrConfig.DiffBir, 1, 512, 512),
            ["bsrnet"] = () => RrdbNet.Build(RrdbNetConfig.BsrNet, 1, 128, 128),
            ["scunet"] = () => ScuNet.Build(ScuNetConfig.Official, 1, 512, 512),
        };
}
