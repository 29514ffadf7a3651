using System.IO.Compression;
using DiffBir.Graphs;
using DiffBir.Networks;
using DiffBir.Networks.Autoencoder;
using DiffBir.Networks.Diffusion;
using DiffBir.Packs;
using DiffBir.Packs.Lora;

namespace DiffBir.Bench;

/// <summary>The pack v2 over random weights that are written once and kept.</summary>
internal static class SyntheticPacks
{
    private const int Merges = 49_152 - 256 - 2;
    private static readonly ParameterScope Vae = ParameterScope.Root / "first_stage_model";

    /// <summary>With the official sizes: 6.6 GB of weights.</summary>
    public static ModelPack Full(string folder) =>
        Create(
            folder,
            UNetConfig.StableDiffusion21,
            AutoencoderConfig.StableDiffusion21,
            TextEncoderConfig.OpenClipViTH,
            RrdbNetConfig.BsrNet
        );

    /// <summary>With the same structure, but a few channels only.</summary>
    public static ModelPack Small(string folder) =>
        Create(
            Path.Combine(folder, "small"),
            new UNetConfig
            {
                ModelChannels = 32,
                ChannelMultipliers = [1, 2, 2, 2],
                HeadChannels = 16,
                ContextFeatures = 32,
            },
            new AutoencoderConfig
            {
                Channels = 16,
                ChannelMultipliers = [1, 1, 2, 2],
                ResBlocks = 1,
                NormGroups = 8,
            },
            new TextEncoderConfig
            {
                Width = 32,
                Heads = 4,
                Layers = 3,
            },
            new RrdbNetConfig
            {
                Channels = 16,
                Blocks = 2,
                Growth = 8,
            }
        );

    /// <summary>A pack with the one step of HYPIR on its UNet: the LoRA is written once, of rank 256 as the official one or, for small networks, 4.</summary>
    public static ModelPack Hypir(ModelPack v2)
    {
        var official = PackCatalog.Find("hypir");
        var step = official.OneStep!;
        var target = LoraTarget.Of(v2.UNet!);
        var file = new PackFile { Name = "HYPIR-lora.safetensors" };
        SyntheticWeights.WriteLora(target, step.Lora[0], Path.Combine(v2.Folder!, file.Name));
        return v2 with
        {
            Name = official.Name,
            Files = new Dictionary<string, PackFile>(v2.Files) { [step.Lora[0].File] = file },
            OneStep = step,
            TextEncoder = v2.TextEncoder! with { Rules = official.TextEncoder!.Rules },
            Tasks = v2.Tasks.ToDictionary(task => task.Key, task => task.Value with { Control = null }),
            Defaults = official.Defaults,
        };
    }

    private static ModelPack Create(
        string folder,
        UNetConfig unet,
        AutoencoderConfig vae,
        TextEncoderConfig text,
        RrdbNetConfig stage1
    )
    {
        var official = PackCatalog.Find("v2");
        var files = new Dictionary<string, PackFile>
        {
            ["unet"] = Written(UNet.Build(unet, new(1, 64, 64, 77), ControlledUNet.UNetScope), folder),
            ["control"] = Written(ControlNet.Build(unet, new(1, 64, 64, 77), ControlledUNet.ControlScope), folder),
            ["vae"] = Written(TinyPack.Autoencoder(vae, Vae), folder),
            ["text"] = Written(TextEncoder.Build(text, 1, TextEncoder.Scope), folder),
            ["stage1"] = Written(RrdbNet.Build(stage1, 1, 128, 128), folder),
            ["vocabulary"] = Vocabulary(folder),
        };
        return official with
        {
            Folder = folder,
            Files = files,
            UNet = official.UNet! with { File = "unet", Sizes = unet },
            Autoencoder = official.AutoencoderSource with { File = "vae", Sizes = vae },
            TextEncoder = new TextSource
            {
                Network = official.TextEncoder!.Network with { File = "text", Sizes = text },
                Vocabulary = "vocabulary",
            },
            Tasks = new Dictionary<RestorationTask, TaskNetworks>
            {
                [RestorationTask.Sr] = new()
                {
                    Stage1 = new Stage1Source<RrdbNetConfig> { File = "stage1", Sizes = stage1 },
                    Control = "control",
                    ControlPrefix = $"{ControlledUNet.ControlScope.Path}.",
                },
            },
        };
    }

    private static PackFile Written(Graph graph, string folder)
    {
        SyntheticWeights.For(graph, folder);
        return new PackFile { Name = SyntheticWeights.FileOf(graph) };
    }

    /// <summary>As many merges as CLIP's vocabulary has, each of two made-up letters.</summary>
    private static PackFile Vocabulary(string folder)
    {
        var file = new PackFile { Name = "made-up-vocabulary.txt.gz" };
        using var gzip = new GZipStream(File.Create(Path.Combine(folder, file.Name)), CompressionLevel.Fastest);
        using var writer = new StreamWriter(gzip);
        writer.Write("#version: 0.2\n");
        var letters = Enumerable
            .Range('!', '~' - '!' + 1)
            .Concat(Enumerable.Range('\u0100', 'ń' - '\u0100'))
            .Concat(Enumerable.Range('®', 'ÿ' - '®' + 1))
            .Concat(Enumerable.Range('¡', '¬' - '¡' + 1))
            .Select(code => (char)code)
            .ToArray();
        foreach (var merge in letters.SelectMany(first => letters.Select(second => $"{first} {second}")).Take(Merges))
        {
            writer.Write($"{merge}\n");
        }

        return file;
    }
}
