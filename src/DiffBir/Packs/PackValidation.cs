using System.Text.RegularExpressions;
using DiffBir.Networks;
using DiffBir.Networks.Autoencoder;
using DiffBir.Networks.Diffusion;
using DiffBir.Packs.Files;
using DiffBir.Sampling;

namespace DiffBir.Packs;

/// <summary>Refuses descriptions that cannot be meant: every number is within bounds before anything is built of it.</summary>
/// <param name="name">What messages call the description.</param>
internal sealed partial class PackValidation(string name)
{
    private const int MaxFiles = 1000;

    /// <summary>Throws unless the pack can be used.</summary>
    /// <exception cref="PackException">It cannot; the message names the property.</exception>
    public static void Require(ModelPack pack, string name) => new PackValidation(name).Check(pack);

    [GeneratedRegex("^[0-9a-f]{64}$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Sha256Pattern { get; }

    private void Check(ModelPack pack)
    {
        Holds(pack.Name.Trim().Length > 0, "has no name");
        Holds(pack.Files.Count <= MaxFiles, $"lists {pack.Files.Count} files");
        foreach (var (key, file) in pack.Files)
        {
            CheckFile(key, file);
        }

        Holds(pack.Tasks.Count > 0, "has no task");
        foreach (var (kind, task) in pack.Tasks)
        {
            var at = $"tasks.{kind}".ToLowerInvariant();
            Holds(task is not null, $"has nothing at {at}");
            CheckSizes(task!.Stage1.Config.Architecture, task.Stage1.Config, $"{at}.stage1.sizes");
            HasFile(pack, task.Stage1.File, $"{at}.stage1.file");
            CheckControl(pack, task, at);
        }

        Holds(pack.UNet is null || pack.Autoencoder is not null, "has a unet and no autoencoder for its latents");
        if (pack.Autoencoder is { } autoencoder)
        {
            HasFile(pack, autoencoder.File, "autoencoder.file");
            CheckSizes(AutoencoderKl.Architecture, autoencoder.Sizes, "autoencoder.sizes");
        }

        if (pack.Generator is { } generator)
        {
            HasFile(pack, generator.File, "generator.file");
            CheckSizes(generator.Config.Architecture, generator.Config, "generator.sizes");
            Holds(generator.Scale == 1, $"has a generator that enlarges by {generator.Scale}; it must keep its image's size");
        }

        if (pack.UNet is { } unet)
        {
            HasFile(pack, unet.File, "unet.file");
            CheckSizes(UNet.Architecture, unet.Sizes, "unet.sizes");
        }

        if (pack.TextEncoder is { } text)
        {
            HasFile(pack, text.Network.File, "textEncoder.network.file");
            HasFile(pack, text.Vocabulary, "textEncoder.vocabulary");
            CheckSizes(TextEncoder.Architecture, text.Network.Sizes, "textEncoder.network.sizes");
        }

        Within(pack.MinimumSide, 16, 4096, "minimumSide");
        CheckSchedule(pack.Schedule);
        if (pack.OneStep is { } step)
        {
            CheckOneStep(pack, step);
        }

        CheckDefaults(pack.Defaults);
    }

    private void CheckControl(ModelPack pack, TaskNetworks task, string at)
    {
        Holds(
            task.Control is null == (pack.UNet is null || pack.OneStep is not null),
            $"must have both unet and {at}.control, or neither, which makes it stage 1 alone, or unet and oneStep without {at}.control"
        );
        if (task.Control is { } control)
        {
            HasFile(pack, control, $"{at}.control");
        }
    }

    private void CheckOneStep(ModelPack pack, OneStepSource step)
    {
        Holds(pack.UNet is not null, "has oneStep and no unet that could take it");
        Holds(step.Lora.Count > 0, "has no oneStep.lora, without which the UNet restores nothing");
        Holds(!step.HasDial || step.Lora.Count > 1, "has oneStep.hasDial, for which oneStep.lora needs two entries");
        Within(step.Timestep, 0, pack.Schedule.Timesteps - 1, "oneStep.timestep");
        Within(step.Tile, 64, 4096, "oneStep.tile");
        Holds(step.Tile % 64 == 0, $"has oneStep.tile {step.Tile}; it must be a multiple of 64");
        Within(step.TileStride, 8, step.Tile, "oneStep.tileStride");
        Holds(step.TileStride % 8 == 0, $"has oneStep.tileStride {step.TileStride}; it must be a multiple of 8");
        foreach (
            var (lora, at) in step
                .Lora.Select(lora => (lora, "lora"))
                .Concat(step.EncoderLora.Select(lora => (lora, "encoderLora")))
        )
        {
            Holds(lora is { Modules.Count: > 0 }, $"has an oneStep.{at} without modules");
            HasFile(pack, lora!.File, $"oneStep.{at}.file");
            Holds(lora.Alpha is null or (> 0 and <= 10_000), $"has oneStep.{at}.alpha {lora.Alpha}; it must be above 0");
        }
    }

    private void CheckFile(string key, PackFile? file)
    {
        Holds(file is not null, $"has nothing at files.{key}");
        var safe =
            file!.Name.Length is > 0 and <= 255
            && !file.Name.Any(c => c is '/' or '\\' or ':')
            && Printable.Line(file.Name) == file.Name
            && file.Name is not ("." or ".." or ChecksumFile.FileName or PackReader.FileName);
        Holds(safe, $"names the file \"{Printable.Shorten(file.Name)}\"; a file name without folders is expected");
        Holds(
            file.Path is null || !Path.IsPathRooted(file.Path),
            $"places a file at \"{Printable.Shorten(file.Path ?? "")}\"; a path relative to the pack is expected"
        );
        Holds(file.Size is null or > 0, $"gives {file.Name} {file.Size} bytes");
        Holds(
            file.Sha256 is null || Sha256Pattern.IsMatch(file.Sha256),
            $"gives {file.Name} a SHA-256 that is not 64 digits of 0-9 and a-f"
        );
        foreach (var source in file.Sources)
        {
            Holds(
                source is { IsAbsoluteUri: true, Scheme: "https" or "http" },
                $"gives {file.Name} the source \"{Printable.Shorten(source?.OriginalString ?? "")}\"; an address with https:// is expected"
            );
        }
    }

    private void HasFile(ModelPack pack, string key, string property) =>
        Holds(
            pack.Files.ContainsKey(key),
            $"refers at {property} to the file \"{Printable.Shorten(key)}\", which its list of files does not have"
        );

    private void CheckSizes(Architecture architecture, object sizes, string at) =>
        architecture.ValidateConfig(sizes, new ConfigRules(at, problem => Holds(false, problem)));

    private void CheckSchedule(ScheduleSettings schedule)
    {
        Within(schedule.Timesteps, 2, 100_000, "schedule.timesteps");
        Holds(
            schedule.BetaStart > 0 && schedule.BetaStart <= schedule.BetaEnd && schedule.BetaEnd < 1,
            $"has a schedule from {schedule.BetaStart} to {schedule.BetaEnd}; betas must rise between 0 and 1"
        );
    }

    private void CheckDefaults(PackDefaults defaults)
    {
        try
        {
            SamplerNames.Parse(defaults.Sampler);
        }
        catch (DiffBirException exception)
        {
            throw new PackException($"{name}, defaults.sampler: {exception.Message}", exception);
        }

        Within(defaults.Steps, 1, 100_000, "defaults.steps");
        Holds(defaults.Upscale is >= 0.1 and <= 64, $"has defaults.upscale {defaults.Upscale}; it must be from 0.1 to 64");
        Holds(double.IsFinite(defaults.CfgScale), "has no number at defaults.cfgScale");
        Holds(
            defaults.GuidanceScale is >= 0 and <= 1000,
            $"has defaults.guidanceScale {defaults.GuidanceScale}; it must be from 0 to 1000"
        );
        Holds(
            defaults.StrongestGuidance is > 0 and <= 1000,
            $"has defaults.strongestGuidance {defaults.StrongestGuidance}; it must be above 0 and at most 1000"
        );
    }

    private void Within(int value, int min, int max, string property) =>
        Holds(value >= min && value <= max, $"has {property} {value}; it must be from {min} to {max}");

    private void Holds(bool holds, string problem)
    {
        if (!holds)
        {
            throw new PackException($"{name} {problem}.");
        }
    }
}
