using System.CommandLine;
using DiffBir.Checkpoints;
using DiffBir.Options;
using DiffBir.Packs;
using DiffBir.Sampling;
using DiffBir.Training.Data;
using DiffBir.Training.Runs;

namespace DiffBir.Training;

/// <summary><c>diffbir-train pack</c>: makes a pack of its own of a stage-2 run.</summary>
internal static class PackCommand
{
    private static readonly Option<string> Run = new("--run") { Description = "The folder of a stage-2 run", Required = true };

    private static readonly Option<string> Out = new("--out") { Description = "The pack's folder", Required = true };

    private static readonly Option<string> Name = new("--name") { Description = "The pack's name", Required = true };

    private static readonly Option<string> Title = new("--title") { Description = "One line about it", Required = true };

    private static readonly Option<string> License = new("--license")
    {
        Description = "The license of its weights",
        Required = true,
    };

    private static readonly Option<string?> Sampler = new("--sampler")
    {
        Description = "The sampler that is used where the user names none",
    };

    private static readonly Option<int?> Steps = new("--steps")
    {
        Description = "The steps that are used where the user says nothing",
    };

    private static readonly Option<StartPoint?> Start = new("--start")
    {
        Description = "What sampling starts from where the user says nothing",
    };

    private static readonly Option<double?> Upscale = new("--upscale")
    {
        Description = "The enlargement that is used where the user says nothing",
    };

    private static readonly Option<double?> GuidanceScale = new("--guidance-scale")
    {
        Description = "The scale of guidance that is used where the user says nothing",
    };

    private static readonly Option<string?> PreviewPhotos = new("--preview-photos")
    {
        Description = "Photos to fit the linear previews of stage 2 to: a folder, or a list of paths",
    };

    private static readonly Option<string?> Stage1 = new("--stage1")
    {
        Description = "The folder of a stage-1 run that the pack has instead of the one its networks were trained behind",
    };

    private static readonly Option<bool> Stage1Alone = new("--stage1-alone")
    {
        Description = "Leave stage 2 out: for a run whose stage 2 is not good enough yet",
    };

    /// <summary>The command with its options.</summary>
    public static Command Create()
    {
        var command = new Command("pack", "Gathers a run and the networks it was trained with, in half precision")
        {
            Run,
            Out,
            Name,
            Title,
            License,
            Sampler,
            Steps,
            Start,
            Upscale,
            GuidanceScale,
            PreviewPhotos,
            Stage1,
            Stage1Alone,
        };
        command.SetAction((parsed, cancellation) => CommandErrors.RunAsync(parsed, (p, _) => Gather(p), cancellation));
        return command;
    }

    private static int Gather(ParseResult parsed)
    {
        PackWriter.Copy(
            parsed.GetRequiredValue(Run),
            parsed.GetRequiredValue(Out),
            pack => Changed(pack, parsed),
            ElementType.Float16
        );
        return ExitCode.Success;
    }

    private static ModelPack Changed(ModelPack pack, ParseResult parsed)
    {
        if (parsed.GetValue(Stage1) is { } stage1)
        {
            pack = PackWriter.WithStage1(pack, stage1);
        }

        return WithPreviews(Described(parsed.GetValue(Stage1Alone) ? WithoutStage2(pack) : pack, parsed), parsed);
    }

    private static ModelPack WithPreviews(ModelPack pack, ParseResult parsed)
    {
        if (parsed.GetValue(PreviewPhotos) is not { } photos)
        {
            return pack;
        }

        var (colors, psnr) = LatentColorFit.Of(pack, PhotoSet.Open(photos).Training);
        parsed.InvocationConfiguration.Output.WriteLine($"Linear previews are {psnr:f1} dB from the photos' mean colors.");
        return pack with { LatentColors = colors };
    }

    private static ModelPack WithoutStage2(ModelPack pack)
    {
        var used = pack.Tasks.Values.Select(task => task.Stage1.File);
        return pack with
        {
            Files = pack.Files.Where(file => used.Contains(file.Key)).ToDictionary(),
            Autoencoder = null,
            UNet = null,
            TextEncoder = null,
            LatentColors = null,
            Tasks = pack.Tasks.ToDictionary(task => task.Key, task => new TaskNetworks { Stage1 = task.Value.Stage1 }),
        };
    }

    private static ModelPack Described(ModelPack pack, ParseResult parsed) =>
        pack with
        {
            Name = parsed.GetRequiredValue(Name),
            Title = parsed.GetRequiredValue(Title),
            License = parsed.GetRequiredValue(License),
            Defaults = pack.Defaults with
            {
                Sampler = parsed.GetValue(Sampler) ?? pack.Defaults.Sampler,
                Steps = parsed.GetValue(Steps) ?? pack.Defaults.Steps,
                Start = parsed.GetValue(Start) ?? pack.Defaults.Start,
                Upscale = parsed.GetValue(Upscale) ?? pack.Defaults.Upscale,
                GuidanceScale = parsed.GetValue(GuidanceScale) ?? pack.Defaults.GuidanceScale,
            },
        };
}
