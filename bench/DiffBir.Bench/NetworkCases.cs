using DiffBir.Graphs;
using DiffBir.Networks;
using DiffBir.Networks.Autoencoder;
using DiffBir.Networks.Diffusion;

namespace DiffBir.Bench;

/// <summary>Every network at its official size.</summary>
internal static class NetworkCases
{
    private static readonly ParameterScope Vae = ParameterScope.Root / "first_stage_model";

    private const int Side = 512; // of the image that comes out

    /// <summary>The networks by name.</summary>
    public static IReadOnlyDictionary<string, Func<Graph>> All { get; } =
        Stage2().Concat(Architectures.Known.Stage1.Select(Stage1)).ToDictionary();

    private static KeyValuePair<string, Func<Graph>> Stage1(Architecture architecture)
    {
        var config = (Stage1Config)architecture.OfficialConfig;
        var side = Side / config.OutputScale;
        return new(architecture.Kind.ToLowerInvariant(), () => config.Build(1, side, side));
    }

    private static Dictionary<string, Func<Graph>> Stage2() =>
        new()
        {
            ["denoiser-1"] = () => ControlledUNet.Build(UNetConfig.StableDiffusion21, new(1, 64, 64, 77)),
            ["denoiser-2"] = () => ControlledUNet.Build(UNetConfig.StableDiffusion21, new(2, 64, 64, 77)),
            ["shallow-denoiser"] = () => ControlledUNet.BuildShallow(UNetConfig.StableDiffusion21, depth: 0, 64, 64, tokens: 77),
            ["unet-1"] = () => UNet.Build(UNetConfig.StableDiffusion21, new(1, 64, 64, 77), ControlledUNet.UNetScope),
            ["controlnet-1"] = () =>
                ControlNet.Build(UNetConfig.StableDiffusion21, new(1, 64, 64, 77), ControlledUNet.ControlScope),
            ["vae-encoder"] = () => Encoder.Build(AutoencoderConfig.StableDiffusion21, 1, 512, 512, Vae),
            ["vae-decoder"] = () => Decoder.Build(AutoencoderConfig.StableDiffusion21, 1, 64, 64, Vae),
            ["text-encoder"] = () => TextEncoder.Build(TextEncoderConfig.OpenClipViTH, 1, TextEncoder.Scope),
        };
}
