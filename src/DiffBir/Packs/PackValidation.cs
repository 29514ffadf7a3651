using System.Reflection;
using System.Text.Json;
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
    public static void Validate(ModelPack pack, string name) => new PackValidation(name).Validate(pack);

    [GeneratedRegex("^[0-9a-f]{64}$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Sha256Pattern { get; }

    private void Validate(ModelPack pack)
    {
        Validate(pack.Name.Trim().Length > 0, "has no name");
        Validate(pack.Files.Count <= MaxFiles, $"lists {pack.Files.Count} files");
        foreach (var (key, file) in pack.Files)
        {
            ValidateFile(key, file);
        }

        Validate(pack.Tasks.Count > 0, "has no task");
        foreach (var (kind, task) in pack.Tasks)
        {
            var at = $"tasks.{kind}".ToLowerInvariant();
            Validate(task is not null, $"has nothing at {at}");
            ValidateSizes(task!.Stage1.Config.Architecture, task.Stage1.Config, $"{at}.stage1.sizes");
            HasFile(pack, task.Stage1.File, $"{at}.stage1.file");
            ValidateControl(pack, task, at);
        }

        Validate(pack.UNet is null || pack.Autoencoder is not null, "has a unet and no autoencoder for its latents");
        if (pack.Autoencoder is { } autoencoder)
        {
            HasFile(pack, autoencoder.File, "autoencoder.file");
            ValidateSizes(AutoencoderKl.Architecture, autoencoder.Sizes, "autoencoder.sizes");
        }

        if (pack.LatentColors is { } colors)
        {
            Validate(pack.Autoencoder is not null, "has latentColors and no autoencoder whose latents they are of");
            ValidateColors(colors, pack.AutoencoderSource.Sizes.LatentChannels);
        }

        if (pack.Generator is { } generator)
        {
            HasFile(pack, generator.File, "generator.file");
            ValidateSizes(generator.Config.Architecture, generator.Config, "generator.sizes");
            Validate(generator.Scale == 1, $"has a generator that enlarges by {generator.Scale}; it must keep its image's size");
        }

        if (pack.UNet is { } unet)
        {
            HasFile(pack, unet.File, "unet.file");
            ValidateSizes(UNet.Architecture, unet.Sizes, "unet.sizes");
        }

        if (pack.TextEncoder is { } text)
        {
            HasFile(pack, text.Network.File, "textEncoder.network.file");
            HasFile(pack, text.Vocabulary, "textEncoder.vocabulary");
            ValidateSizes(TextEncoder.Architecture, text.Network.Sizes, "textEncoder.network.sizes");
        }

        ValidateRanges(pack, "");
        ValidateSchedule(pack.Schedule);
        if (pack.OneStep is { } step)
        {
            ValidateOneStep(pack, step);
        }

        ValidateDefaults(pack.Defaults);
    }

    private void ValidateControl(ModelPack pack, TaskNetworks task, string at)
    {
        Validate(
            task.Control is null == (pack.UNet is null || pack.OneStep is not null),
            $"must have both unet and {at}.control, or neither, which makes it stage 1 alone, or unet and oneStep without {at}.control"
        );
        if (task.Control is { } control)
        {
            HasFile(pack, control, $"{at}.control");
        }
    }

    private void ValidateColors(LatentColors colors, int channels)
    {
        Validate(
            colors.Weights.Count == channels,
            $"has latentColors.weights for {colors.Weights.Count} channels; its latents have {channels}"
        );
        foreach (var color in colors.Weights.Append(colors.Offset))
        {
            Validate(color is { Count: 3 }, "has latentColors that are not red, green and blue");
            Validate(color.All(double.IsFinite), "has latentColors that are no numbers");
        }
    }

    private void ValidateOneStep(ModelPack pack, OneStepSource step)
    {
        Validate(pack.UNet is not null, "has oneStep and no unet that could take it");
        Validate(step.Lora.Count > 0, "has no oneStep.lora, without which the UNet restores nothing");
        Validate(!step.HasDial || step.Lora.Count > 1, "has oneStep.hasDial, for which oneStep.lora needs two entries");
        var last = pack.Schedule.Timesteps - 1;
        Validate(
            step.Timestep >= 0 && step.Timestep <= last,
            $"has oneStep.timestep {step.Timestep}; it must be from 0 to {last}, as the schedule has them"
        );
        ValidateRanges(step, "oneStep.");
        Validate(
            step.TileStride <= step.Tile,
            $"has oneStep.tileStride {step.TileStride}; it must be no larger than the tile, {step.Tile}"
        );
        foreach (
            var (lora, at) in step
                .Lora.Select(lora => (lora, "lora"))
                .Concat(step.EncoderLora.Select(lora => (lora, "encoderLora")))
        )
        {
            Validate(lora is { Modules.Count: > 0 }, $"has an oneStep.{at} without modules");
            HasFile(pack, lora!.File, $"oneStep.{at}.file");
            ValidateRanges(lora, $"oneStep.{at}.");
        }
    }

    private void ValidateFile(string key, PackFile? file)
    {
        Validate(file is not null, $"has nothing at files.{key}");
        var safe =
            file!.Name.Length is > 0 and <= 255
            && !file.Name.Any(c => c is '/' or '\\' or ':')
            && Printable.Line(file.Name) == file.Name
            && file.Name is not ("." or ".." or ChecksumFile.FileName or PackReader.FileName);
        Validate(safe, $"names the file \"{Printable.Shorten(file.Name)}\"; a file name without folders is expected");
        Validate(
            file.Path is null || !Path.IsPathRooted(file.Path),
            $"places a file at \"{Printable.Shorten(file.Path ?? "")}\"; a path relative to the pack is expected"
        );
        Validate(file.Size is null or > 0, $"gives {file.Name} {file.Size} bytes");
        Validate(
            file.Sha256 is null || Sha256Pattern.IsMatch(file.Sha256),
            $"gives {file.Name} a SHA-256 that is not 64 digits of 0-9 and a-f"
        );
        foreach (var source in file.Sources)
        {
            Validate(
                source is { IsAbsoluteUri: true, Scheme: "https" or "http" },
                $"gives {file.Name} the source \"{Printable.Shorten(source?.OriginalString ?? "")}\"; an address with https:// is expected"
            );
        }
    }

    private void HasFile(ModelPack pack, string key, string property) =>
        Validate(
            pack.Files.ContainsKey(key),
            $"refers at {property} to the file \"{Printable.Shorten(key)}\", which its list of files does not have"
        );

    private void ValidateSizes(Architecture architecture, object sizes, string at) =>
        architecture.ValidateConfig(sizes, new ConfigRules(at, problem => Validate(false, problem)));

    private void ValidateSchedule(ScheduleSettings schedule)
    {
        ValidateRanges(schedule, "schedule.");
        Validate(
            schedule.BetaStart > 0 && schedule.BetaStart <= schedule.BetaEnd && schedule.BetaEnd < 1,
            $"has a schedule from {schedule.BetaStart} to {schedule.BetaEnd}; betas must rise between 0 and 1"
        );
    }

    private void ValidateDefaults(PackDefaults defaults)
    {
        try
        {
            SamplerNames.Parse(defaults.Sampler);
        }
        catch (DiffBirException exception)
        {
            throw new PackException($"{name}, defaults.sampler: {exception.Message}", exception);
        }

        ValidateRanges(defaults, "defaults.");
    }

    /// <summary>Compares each number of a record with the range beside its property.</summary>
    private void ValidateRanges(object record, string at)
    {
        foreach (var property in RecordProperties.Of(record.GetType()))
        {
            if (
                property.GetCustomAttribute<AllowedRangeAttribute>() is { } range
                && property.GetValue(record) is { } given // null: left out
            )
            {
                var value = Convert.ToDouble(given);
                var path = at + JsonNamingPolicy.CamelCase.ConvertName(property.Name);
                Validate(range.Contains(value), $"has {path} {value}; it must be {range}");
            }
        }
    }

    private void Validate(bool isValid, string problem)
    {
        if (!isValid)
        {
            throw new PackException($"{name} {problem}.");
        }
    }
}
