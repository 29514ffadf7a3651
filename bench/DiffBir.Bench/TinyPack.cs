using DiffBir.Graphs;
using DiffBir.Networks;
using DiffBir.Networks.Autoencoder;
using DiffBir.Networks.Diffusion;
using DiffBir.Packs;
using DiffBir.Sampling;

namespace DiffBir.Bench;

/// <summary>A whole model so small that a restoration takes a moment: random weights, nothing is downloaded. What it restores looks like nothing.</summary>
internal static class TinyPack
{
    /// <summary>The model's name.</summary>
    public const string Name = "tiny";

    private static readonly AutoencoderConfig AutoencoderSizes = new()
    {
        Patch = 2,
        Channels = 8,
        ChannelMultipliers = [1, 2],
        ResBlocks = 1,
        NormGroups = 4,
    };

    private static readonly UNetConfig UNetSizes = new()
    {
        ModelChannels = 8,
        ChannelMultipliers = [1, 2],
        ResBlocks = 1,
        AttentionFactors = [],
        HeadChannels = 4,
        ContextFeatures = 6,
        NormGroups = 4,
    };

    private static readonly RrdbNetConfig Stage1Sizes = new()
    {
        Channels = 8,
        Blocks = 1,
        Growth = 4,
    };

    /// <summary>Writes the model into a folder.</summary>
    public static void Write(string folder)
    {
        Directory.CreateDirectory(folder);
        var stage1 = new Stage1Source<RrdbNetConfig> { File = "stage1", Sizes = Stage1Sizes };
        var files = new Dictionary<string, PackFile>
        {
            ["stage1"] = Synthesize(folder, "stage1", stage1.Build(1, 32, 32)),
            ["vae"] = Synthesize(folder, "vae", Autoencoder(AutoencoderSizes, ParameterScope.Root)),
            ["unet"] = Synthesize(folder, "unet", UNet.Build(UNetSizes, new(1, 16, 16, 1), ParameterScope.Root)),
            ["control"] = Synthesize(folder, "control", ControlNet.Build(UNetSizes, new(1, 16, 16, 1), ParameterScope.Root)),
        };
        var task = new TaskNetworks { Stage1 = stage1, Control = "control" };
        PackReader.Write(
            new ModelPack
            {
                Name = Name,
                Title = "Small random networks",
                License = "Apache-2.0",
                Files = files,
                Schedule = new ScheduleSettings { ZeroTerminalSnr = true, Predicts = Parameterization.V },
                Autoencoder = new() { File = "vae", Sizes = AutoencoderSizes },
                UNet = new() { File = "unet", Sizes = UNetSizes },
                Tasks = new Dictionary<RestorationTask, TaskNetworks>
                {
                    [RestorationTask.Sr] = task,
                    [RestorationTask.Denoise] = task,
                },
                MinimumSide = 64,
                Defaults = new PackDefaults { Steps = 2, Upscale = 2 },
            },
            folder
        );
    }

    /// <summary>An encoder and a decoder as one graph, which names the weights of both.</summary>
    public static Graph Autoencoder(AutoencoderConfig config, ParameterScope scope)
    {
        var g = new GraphBuilder("autoencoder");
        var image = g.Input("image", [1, 3, config.Reduction, config.Reduction]);
        var z = g.Input("z", [1, config.LatentChannels, 1, 1]);
        return g.Build(
            ("moments", Encoder.Append(g.At(scope, config), image)),
            ("image", Decoder.Append(g.At(scope, config), z))
        );
    }

    private static PackFile Synthesize(string folder, string key, Graph graph)
    {
        var name = $"{key}.safetensors";
        SyntheticWeights.Write(graph, Path.Combine(folder, name));
        return new PackFile { Name = name };
    }
}
