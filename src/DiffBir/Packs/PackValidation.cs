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
    // Far above every known network, far below what fills the memory with a graph.
    private const int MostChannels = 16_384;
    private const int MostBlocks = 128;
    private const int MostLevels = 8;
    private const int MostMultiplier = 64;
    private const int MostFiles = 1000;

    /// <summary>Throws unless the pack can be used.</summary>
    /// <exception cref="PackException">It cannot; the message names the property.</exception>
    public static void Require(ModelPack pack, string name) => new PackValidation(name).Check(pack);

    [GeneratedRegex("^[0-9a-f]{64}$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Sha256Pattern { get; }

    private void Check(ModelPack pack)
    {
        Holds(pack.Name.Trim().Length > 0, "has no name");
        Holds(pack.Files.Count <= MostFiles, $"lists {pack.Files.Count} files");
        foreach (var (key, file) in pack.Files)
        {
            CheckFile(key, file);
        }

        Holds(pack.Tasks.Count > 0, "has no task");
        foreach (var (kind, task) in pack.Tasks)
        {
            var at = $"tasks.{kind}".ToLowerInvariant();
            Holds(task is not null, $"has nothing at {at}");
            CheckStage1(task!.Stage1, $"{at}.stage1");
            HasFile(pack, task.Stage1.File, $"{at}.stage1.file");
            CheckControl(pack, task, at);
        }

        HasFile(pack, pack.Autoencoder.File, "autoencoder.file");
        CheckAutoencoder(pack.Autoencoder.Sizes, "autoencoder.sizes");
        if (pack.UNet is { } unet)
        {
            HasFile(pack, unet.File, "unet.file");
            CheckUNet(unet.Sizes, "unet.sizes");
        }

        if (pack.TextEncoder is { } text)
        {
            HasFile(pack, text.Network.File, "textEncoder.network.file");
            HasFile(pack, text.Vocabulary, "textEncoder.vocabulary");
            CheckTextEncoder(text.Network.Sizes, "textEncoder.network.sizes");
        }

        Within(pack.MinimumSide, 16, 4096, "minimumSide");
        CheckSchedule(pack.Schedule);
        CheckDefaults(pack.Defaults);
    }

    private void CheckControl(ModelPack pack, TaskNetworks task, string at)
    {
        Holds(
            task.Control is null == pack.UNet is null,
            $"must have both unet and {at}.control, or neither, which makes it stage 1 alone"
        );
        if (task.Control is { } control)
        {
            HasFile(pack, control, $"{at}.control");
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

    private void CheckStage1(Stage1Source source, string at)
    {
        at += ".sizes";
        switch (source)
        {
            case SwinIrSource { Sizes: var sizes }:
                CheckSwinIr(sizes, at);
                break;
            case RrdbNetSource { Sizes: var sizes }:
                Within(sizes.Channels, 1, MostChannels, $"{at}.channels");
                Within(sizes.Blocks, 1, MostBlocks, $"{at}.blocks");
                Within(sizes.Growth, 1, MostChannels, $"{at}.growth");
                CheckRrdbNetScale(sizes, at);
                break;
            case ScuNetSource { Sizes: var sizes }:
                CheckScuNet(sizes, at);
                break;
        }
    }

    private void CheckSwinIr(SwinIrConfig sizes, string at)
    {
        Within(sizes.Channels, 1, MostChannels, $"{at}.channels");
        Within(sizes.Heads, 1, MostChannels, $"{at}.heads");
        Divides(sizes.Heads, sizes.Channels, $"{at}.channels");
        Each(sizes.Depths, MostBlocks, 1, MostBlocks, $"{at}.depths");
        Within(sizes.Window, 2, 64, $"{at}.window");
        Within(sizes.MlpRatio, 1, MostMultiplier, $"{at}.mlpRatio");
        Within(sizes.UpsampleChannels, 1, MostChannels, $"{at}.upsampleChannels");
        Holds(sizes.Unshuffle is 2 or 4 or 8, $"has {at}.unshuffle {sizes.Unshuffle}; it must be 2, 4 or 8");
    }

    private void CheckRrdbNetScale(RrdbNetConfig sizes, string at)
    {
        Holds(sizes.Unshuffle is 1 or 2 or 4 or 8, $"has {at}.unshuffle {sizes.Unshuffle}; it must be 1, 2, 4 or 8");
        if (sizes.Unshuffle == 1)
        {
            Holds(sizes.Scale is 2 or 4, $"has {at}.scale {sizes.Scale}; it must be 2 or 4");
        }
        else
        {
            Holds(sizes.Scale == 1, $"has {at}.scale {sizes.Scale}; it must be 1 with an unshuffle of {sizes.Unshuffle}");
        }
    }

    private void CheckScuNet(ScuNetConfig sizes, string at)
    {
        const int levels = 7;
        Within(sizes.Channels, 2, MostChannels, $"{at}.channels");
        Within(sizes.HeadChannels, 1, MostChannels, $"{at}.headChannels");
        // Half of the channels go through the transformer.
        Divides(2 * sizes.HeadChannels, sizes.Channels, $"{at}.channels");
        Holds(sizes.Blocks.Count == levels, $"must have {levels} numbers at {at}.blocks");
        Each(sizes.Blocks, levels, 0, MostBlocks, $"{at}.blocks");
        Within(sizes.Window, 2, 64, $"{at}.window");
    }

    private void CheckAutoencoder(AutoencoderConfig sizes, string at)
    {
        CheckLevels(sizes.Channels, sizes.ChannelMultipliers, sizes.NormGroups, at, "channels");
        Within(sizes.ResBlocks, 1, MostLevels, $"{at}.resBlocks");
        Within(sizes.LatentChannels, 1, 64, $"{at}.latentChannels");
        Holds(
            sizes.ScaleFactor is > 0 and < 1000,
            $"has {at}.scaleFactor {sizes.ScaleFactor}; it must be above 0 and below 1000"
        );
    }

    private void CheckUNet(UNetConfig sizes, string at)
    {
        CheckLevels(sizes.ModelChannels, sizes.ChannelMultipliers, sizes.NormGroups, at, "modelChannels");
        Within(sizes.InChannels, 1, 64, $"{at}.inChannels");
        Within(sizes.OutChannels, 1, 64, $"{at}.outChannels");
        Within(sizes.HintChannels, 1, 64, $"{at}.hintChannels");
        Within(sizes.ResBlocks, 1, MostLevels, $"{at}.resBlocks");
        Within(sizes.TransformerDepth, 1, 16, $"{at}.transformerDepth");
        Within(sizes.ContextFeatures, 1, MostChannels, $"{at}.contextFeatures");
        Within(sizes.HeadChannels, 1, MostChannels, $"{at}.headChannels");
        Holds(sizes.AttentionFactors.Count <= MostLevels, $"has {sizes.AttentionFactors.Count} numbers at {at}.attentionFactors");
        foreach (var multiplier in sizes.ChannelMultipliers)
        {
            Divides(sizes.HeadChannels, sizes.ModelChannels * multiplier, $"{at}.modelChannels");
        }
    }

    private void CheckLevels(int channels, IReadOnlyList<int> multipliers, int groups, string at, string property)
    {
        Within(channels, 1, MostChannels, $"{at}.{property}");
        Within(groups, 1, MostChannels, $"{at}.normGroups");
        Divides(groups, channels, $"{at}.{property}");
        Each(multipliers, MostLevels, 1, MostMultiplier, $"{at}.channelMultipliers");
    }

    private void CheckTextEncoder(TextEncoderConfig sizes, string at)
    {
        Within(sizes.ContextLength, 2, 4096, $"{at}.contextLength");
        Within(sizes.VocabularySize, 2, 1 << 20, $"{at}.vocabularySize");
        Within(sizes.Width, 1, MostChannels, $"{at}.width");
        Within(sizes.Heads, 1, MostChannels, $"{at}.heads");
        Divides(sizes.Heads, sizes.Width, $"{at}.width");
        Within(sizes.Layers, 2, MostBlocks, $"{at}.layers");
    }

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

    private void Each(IReadOnlyList<int> values, int most, int least, int largest, string property)
    {
        Holds(values.Count >= 1 && values.Count <= most, $"has {values.Count} numbers at {property}; there must be 1 to {most}");
        foreach (var value in values)
        {
            Within(value, least, largest, property);
        }
    }

    private void Within(int value, int least, int most, string property) =>
        Holds(value >= least && value <= most, $"has {property} {value}; it must be from {least} to {most}");

    private void Divides(int divisor, int value, string property) =>
        Holds(value % divisor == 0, $"has {property} {value}, which is not a multiple of {divisor}");

    private void Holds(bool holds, string problem)
    {
        if (!holds)
        {
            throw new PackException($"{name} {problem}.");
        }
    }
}
