using DiffBir.Checkpoints;
using DiffBir.Engine;
using DiffBir.Graphs;
using DiffBir.Networks;
using DiffBir.Networks.Autoencoder;
using DiffBir.Networks.Diffusion;

namespace DiffBir.Tests.Support;

/// <summary>The sizes and files of the small random networks that the ground truth was computed with.</summary>
internal static class SmallNetworks
{
    /// <summary>The original against itself with another thread count differs by 3e-6; operators that sum in another order by a little more.</summary>
    public const double Tolerance = 1e-4;

    public static UNetConfig UNet { get; } =
        new()
        {
            ModelChannels = 32,
            ChannelMultipliers = [1, 2, 2, 2],
            HeadChannels = 16,
            ContextFeatures = 32,
        };

    public static AutoencoderConfig Autoencoder { get; } =
        new()
        {
            Channels = 32,
            ChannelMultipliers = [1, 1, 2, 2],
            ResBlocks = 1,
        };

    public static TextEncoderConfig TextEncoder { get; } =
        new()
        {
            Width = 32,
            Heads = 4,
            Layers = 3,
        };

    public static SwinIrConfig SwinIr { get; } = new() { Channels = 60, Depths = [2, 2] };

    public static RrdbNetConfig RrdbNet { get; } =
        new()
        {
            Channels = 16,
            Blocks = 2,
            Growth = 8,
        };

    public static ScuNetConfig ScuNet { get; } =
        new()
        {
            Channels = 16,
            Blocks = [2, 2, 2, 2, 2, 2, 2],
            HeadChannels = 8,
        };

    /// <summary>One of the files in the official format.</summary>
    public static Checkpoint Open(string file) => Checkpoint.Open(Parity.PathOf($"parity/small/weights/{file}"));

    /// <summary>Stable Diffusion's file for a version.</summary>
    public static Checkpoint StableDiffusion(string version) =>
        Open(version == "v2.1" ? "sd2.1-base-zsnr-laionaes5.ckpt" : "v2-1_512-ema-pruned.ckpt");

    /// <summary>IRControlNet's file for a version.</summary>
    public static Checkpoint Control(string version) => Open(version == "v2.1" ? "DiffBIR_v2.1.pt" : "v2.pth");

    /// <summary>The weights of the UNet and IRControlNet together.</summary>
    public static Weights Denoiser(string version) =>
        new Weights().Bind($"{ControlledUNet.ControlScope.Path}.", Control(version), "").Bind("", StableDiffusion(version), "");

    /// <summary>Runs a network once on the processor.</summary>
    public static IReadOnlyDictionary<string, Tensor> Run(
        Graph graph,
        Weights weights,
        params ReadOnlySpan<(string, Tensor)> inputs
    )
    {
        using var session = NetworkSession.Create(graph, weights, new EngineOptions { Device = Device.Cpu });
        return session.Run(inputs);
    }

    /// <summary>The names of a graph's weights.</summary>
    public static IEnumerable<string> ParameterNames(Graph graph) =>
        graph.Parameters.Select(node => ((Parameter)node.Operation).Name);
}
