using DiffBir.Graphs;
using DiffBir.Networks;
using DiffBir.Networks.Autoencoder;
using DiffBir.Networks.Diffusion;

namespace DiffBir.Packs.Lora;

/// <summary>A network whose weights a LoRA changes.</summary>
/// <param name="Kind">What messages and file names call it.</param>
/// <param name="File">The key of the file with its weights.</param>
/// <param name="Prefix">What the names of its weights begin with there.</param>
/// <param name="Weights">Its weights' shapes by their names, without the prefix.</param>
/// <param name="ModuleOf">From a layer's name here to its name in diffusers; null where there is none.</param>
internal sealed record LoraTarget(
    string Kind,
    string File,
    string Prefix,
    IReadOnlyDictionary<string, Shape> Weights,
    Func<string, string?> ModuleOf
)
{
    /// <summary>The diffusion UNet.</summary>
    public static LoraTarget Of(NetworkSource<UNetConfig> unet) =>
        new(
            UNet.Architecture.Kind,
            unet.File,
            unet.Prefix,
            WeightsOf(UNet.Architecture.BuildSmallest(unet.Sizes, ParameterScope.Root)),
            layer => DiffusersUNetNames.Of(unet.Sizes, layer)
        );

    /// <summary>The autoencoder's encoder.</summary>
    public static LoraTarget Of(NetworkSource<AutoencoderConfig> autoencoder) =>
        new(
            "Encoder",
            autoencoder.File,
            autoencoder.Prefix,
            WeightsOf(AutoencoderKl.Architecture.BuildSmallest(autoencoder.Sizes, ParameterScope.Root)),
            DiffusersEncoderNames.Of
        );

    private static Dictionary<string, Shape> WeightsOf(IEnumerable<Graph> graphs) =>
        graphs
            .SelectMany(graph => graph.Parameters)
            .DistinctBy(node => ((Parameter)node.Operation).Name)
            .ToDictionary(node => ((Parameter)node.Operation).Name, node => node.Shape, StringComparer.Ordinal);
}
