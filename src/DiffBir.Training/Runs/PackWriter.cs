using System.Security.Cryptography;
using DiffBir.Checkpoints;
using DiffBir.Networks.Autoencoder;
using DiffBir.Networks.Diffusion;
using DiffBir.Packs;
using DiffBir.Training.Configuration;
using DiffBir.Training.Execution;

namespace DiffBir.Training.Runs;

/// <summary>Makes model packs of what was trained.</summary>
internal static class PackWriter
{
    private const string License = "of the run that trained it";

    // A generator works in pixels: no latent needs a longer side.
    private const int MinImageSide = 16;

    /// <summary>Describes a stage-2 run as a pack; the frozen networks stay where they are.</summary>
    /// <param name="run">The run, whose folder holds IRControlNet.</param>
    /// <param name="frozen">The networks that it was trained with.</param>
    /// <param name="schedule">The noise schedule.</param>
    /// <param name="side">The side of the images that the networks were trained on.</param>
    /// <param name="defaults">What the pack uses where its user says nothing.</param>
    public static void Describe(
        RunDirectory run,
        FrozenNetworks frozen,
        ScheduleSettings schedule,
        int side,
        PackDefaults defaults
    )
    {
        var (stage1, autoencoder, unet) = frozen;
        var task = new TaskNetworks { Stage1 = InPack(stage1), Control = NetworkNames.Control };
        var name = Path.GetFileName(run.Path);
        PackReader.Write(
            new ModelPack
            {
                Name = name,
                Title = $"the run {name}",
                License = License,
                Files = new Dictionary<string, PackFile>
                {
                    [NetworkNames.Stage1] = FileAt(run.Path, stage1.Checkpoint.Path),
                    [NetworkNames.Autoencoder] = FileAt(run.Path, autoencoder.Checkpoint.Path),
                    [NetworkNames.UNet] = FileAt(run.Path, unet.Checkpoint.Path),
                    [NetworkNames.Control] = FileAt(run.Path, run.WeightsFile(NetworkNames.Control)),
                },
                Schedule = schedule,
                Autoencoder = new NetworkSource<AutoencoderConfig>
                {
                    File = NetworkNames.Autoencoder,
                    Prefix = autoencoder.Prefix,
                    Sizes = autoencoder.Sizes,
                },
                UNet = new NetworkSource<UNetConfig>
                {
                    File = NetworkNames.UNet,
                    Prefix = unet.Prefix,
                    Sizes = unet.Sizes,
                },
                Tasks = ForEachTask(_ => task),
                MinimumSide = side,
                Defaults = defaults,
            },
            run.Path
        );
    }

    /// <summary>Describes a generator's run as a pack; the frozen networks stay where they are.</summary>
    /// <param name="run">The run, whose folder holds the generator.</param>
    /// <param name="stage1">The degradation removal.</param>
    /// <param name="generator">The generator.</param>
    /// <param name="diffusion">The pack whose diffusion does what more than one step are asked for; null: none does.</param>
    /// <param name="defaults">What the pack uses where its user says nothing.</param>
    public static void DescribeGenerator(
        RunDirectory run,
        FrozenNetwork<Stage1Source> stage1,
        Stage1Source generator,
        ModelPack? diffusion,
        PackDefaults defaults
    )
    {
        var name = Path.GetFileName(run.Path);
        var pack =
            diffusion
            ?? new ModelPack
            {
                Name = name,
                Title = "",
                License = License,
                Files = new Dictionary<string, PackFile>(),
                Tasks = new Dictionary<RestorationTask, TaskNetworks>(),
                Defaults = defaults,
                MinimumSide = MinImageSide,
            };
        var found = new PackFiles(pack);
        var files = pack.Files.Keys.ToDictionary(key => key, key => FileAt(run.Path, found.PathOf(key)));
        files[NetworkNames.Stage1] = FileAt(run.Path, stage1.Checkpoint.Path);
        files[NetworkNames.Generator] = FileAt(run.Path, run.WeightsFile(NetworkNames.Generator));
        var cleaning = InPack(stage1);
        PackReader.Write(
            pack with
            {
                Name = name,
                Title = $"the run {name}",
                License = License,
                Files = files,
                Generator = generator with { File = NetworkNames.Generator, Prefix = "" },
                Tasks = ForEachTask(kind =>
                    pack.Tasks.TryGetValue(kind, out var task)
                        ? task with
                        {
                            Stage1 = cleaning,
                        }
                        : new TaskNetworks { Stage1 = cleaning }
                ),
                Defaults = defaults,
            },
            run.Path
        );
    }

    /// <summary>Gives a pack another stage 1, for every task.</summary>
    /// <param name="pack">The pack, read from its folder.</param>
    /// <param name="run">The folder of the run that trained the stage 1.</param>
    /// <exception cref="DiffBirException">The run has no such network.</exception>
    public static ModelPack WithStage1(ModelPack pack, string run)
    {
        var folder =
            pack.Folder ?? throw new ArgumentException($"The pack {pack.Name} was not read from a folder.", nameof(pack));
        var source = new FrozenNetworkSource<Stage1Source> { Path = Path.GetFullPath(run) };
        var stage1 = FrozenNetwork<Stage1Source>.Open(source, NetworkNames.Stage1, "", folder);
        var cleaning = InPack(stage1);
        return pack with
        {
            Files = new Dictionary<string, PackFile>(pack.Files)
            {
                [NetworkNames.Stage1] = FileAt(folder, stage1.Checkpoint.Path),
            },
            Tasks = pack.Tasks.ToDictionary(task => task.Key, task => task.Value with { Stage1 = cleaning }),
        };
    }

    /// <summary>Copies a pack with all its files into one folder.</summary>
    /// <param name="source">The pack's folder.</param>
    /// <param name="target">Where to; made if it is missing.</param>
    /// <param name="change">What the copy shall be called, what it leaves out, and the like.</param>
    /// <param name="type">The type of the copy's weights.</param>
    public static void Copy(string source, string target, Func<ModelPack, ModelPack> change, ElementType type)
    {
        var pack = change(PackReader.Read(source));
        var found = new PackFiles(pack);
        found.Validate(pack.Files.Keys);
        Directory.CreateDirectory(target);
        var files = new Dictionary<string, PackFile>();
        foreach (var (key, file) in pack.Files)
        {
            var path = Path.Combine(target, $"{key}.safetensors");
            var checkpoint = found.Open(key);
            SafetensorsWriter.Write(
                path,
                checkpoint.Tensors.Select(pair =>
                    SafetensorsEntry.Of(pair.Key, pair.Value.Shape, () => checkpoint.Read(pair.Key), type)
                )
            );
            using var written = File.OpenRead(path);
            files[key] = file with
            {
                Name = Path.GetFileName(path),
                Path = null,
                Size = written.Length,
                Sha256 = Convert.ToHexStringLower(SHA256.HashData(written)),
            };
        }

        PackReader.Write(pack with { Files = files }, target);
    }

    private static Stage1Source InPack(FrozenNetwork<Stage1Source> stage1) =>
        stage1.Sizes with
        {
            File = NetworkNames.Stage1,
            Prefix = stage1.Prefix,
        };

    private static PackFile FileAt(string folder, string path) =>
        new()
        {
            Name = Path.GetFileName(path),
            Path = Path.GetRelativePath(folder, path).Replace(Path.DirectorySeparatorChar, '/'),
        };

    private static Dictionary<RestorationTask, TaskNetworks> ForEachTask(Func<RestorationTask, TaskNetworks> networks) =>
        Enum.GetValues<RestorationTask>().ToDictionary(kind => kind, networks);
}

/// <summary>The networks that IRControlNet is trained with and that stay as they are.</summary>
/// <param name="Stage1">The degradation removal.</param>
/// <param name="Autoencoder">The autoencoder.</param>
/// <param name="UNet">The UNet.</param>
internal sealed record FrozenNetworks(
    FrozenNetwork<Stage1Source> Stage1,
    FrozenNetwork<AutoencoderConfig> Autoencoder,
    FrozenNetwork<UNetConfig> UNet
);
