using DiffBir.Graphs;

namespace DiffBir.Networks.Autoencoder;

/// <summary>Stable Diffusion's variational autoencoder (KL-regularized): an <see cref="Encoder"/> and a <see cref="Decoder"/> that share a file.</summary>
internal static class AutoencoderKl
{
    private const int MaxPatch = 16;
    private const int MaxLevels = 8;
    private const int MaxBlocks = 32; // of a level

    /// <summary>Where Stable Diffusion's checkpoints keep the autoencoder.</summary>
    public static ParameterScope Scope => ParameterScope.Root / "first_stage_model";

    /// <summary>How the network is known.</summary>
    public static Architecture<AutoencoderConfig> Architecture { get; } =
        new()
        {
            Kind = "Autoencoder",
            Title = "Autoencoder (stage 2)",
            Marks = ["encoder.conv_in.weight", "decoder.conv_in.weight"],
            Official = AutoencoderConfig.StableDiffusion21,
            Assumed = [nameof(AutoencoderConfig.NormGroups), nameof(AutoencoderConfig.ScaleFactor)],
            Recover = Recover,
            Validate = Validate,
            Build = (config, scope) =>
                [Encoder.Build(config, 1, config.Reduction, config.Reduction, scope), Decoder.Build(config, 1, 1, 1, scope)],
            Leftover = static (_, name) => name.StartsWith("loss.", StringComparison.Ordinal),
        };

    private static AutoencoderConfig Recover(WeightShapes weights)
    {
        var official = AutoencoderConfig.StableDiffusion21;
        var channels = weights.Size("encoder.conv_in.weight", 0, official.Channels);
        var levels = Math.Max(1, weights.Count("encoder.down", MaxLevels));
        return new()
        {
            Patch = Math.Clamp((int)Math.Sqrt(weights.Size("encoder.conv_in.weight", 1, otherwise: 3) / 3), 1, MaxPatch),
            Channels = channels,
            ChannelMultipliers =
            [
                .. Enumerable
                    .Range(0, levels)
                    .Select(level => weights.Multiplier($"encoder.down.{level}.block.0.conv1.weight", channels)),
            ],
            ResBlocks = Math.Max(1, weights.Count("encoder.down.0.block", MaxBlocks)),
            MiddleAttention = weights.Has("decoder.mid.attn_1.q.weight"),
            LatentChannels = weights.Size("decoder.conv_in.weight", 1, official.LatentChannels),
            NormGroups = WeightShapes.Groups(official.NormGroups, channels),
        };
    }

    private static void Validate(AutoencoderConfig config, ConfigRules rules)
    {
        const int maxLatentChannels = 64;
        const int maxScale = 1000;
        rules.Within(config.Patch, 1, MaxPatch);
        rules.Within(config.Channels, 1, ConfigRules.MaxChannels);
        rules.Within(config.NormGroups, 1, ConfigRules.MaxChannels);
        rules.MultipleOf(config.Channels, config.NormGroups);
        rules.Count(config.ChannelMultipliers, 1, ConfigRules.MaxLevels);
        rules.Each(config.ChannelMultipliers, 1, ConfigRules.MaxMultiplier);
        rules.Within(config.ResBlocks, 1, ConfigRules.MaxLevels);
        rules.Within(config.LatentChannels, 1, maxLatentChannels);
        rules.Validate(config.ScaleFactor is > 0 and < maxScale, config.ScaleFactor, $"above 0 and below {maxScale}");
    }
}
