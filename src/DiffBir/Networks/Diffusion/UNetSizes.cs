namespace DiffBir.Networks.Diffusion;

/// <summary>Sizes of the encoder that the UNet and IRControlNet have in common: recovered from weights, and validated.</summary>
internal static class UNetSizes
{
    private const int MaxLevels = 8;
    private const int MaxBlocks = 32; // of a level
    private const int MaxDepth = 16;

    /// <summary>Recovers the sizes of the encoder from the shapes of the weights.</summary>
    public static UNetConfig Recover(WeightShapes weights)
    {
        var official = UNetConfig.StableDiffusion21;
        var channels = weights.Size("input_blocks.0.0.weight", 0, official.ModelChannels);
        var multipliers = new List<int>();
        var attention = new List<int>();
        var blocks = new List<int>();
        var inLevel = 0;
        var total = weights.Count("input_blocks", MaxLevels * MaxBlocks);
        for (var block = 1; block < total && blocks.Count < MaxLevels; block++)
        {
            var path = $"input_blocks.{block}";
            if (weights.HasBelow($"{path}.0.op"))
            {
                EndLevel();
                continue;
            }

            if (inLevel++ == 0)
            {
                multipliers.Add(weights.Multiplier($"{path}.0.in_layers.2.weight", channels));
                if (weights.HasBelow($"{path}.1"))
                {
                    attention.Add(1 << blocks.Count);
                }
            }
        }

        EndLevel();
        var middle = "middle_block.1.transformer_blocks";
        return new()
        {
            ModelChannels = channels,
            ChannelMultipliers = multipliers,
            ResBlocks = Math.Clamp(blocks.Max(), 1, MaxBlocks),
            AttentionFactors = attention,
            HeadChannels = WeightShapes.Groups(official.HeadChannels, channels),
            TransformerDepth = Math.Max(1, weights.Count(middle, MaxDepth)),
            ContextFeatures = weights.HasBelow($"{middle}.0.attn2")
                ? weights.Size($"{middle}.0.attn2.to_k.weight", 1, official.ContextFeatures)
                : 0,
            NormGroups = WeightShapes.Groups(official.NormGroups, channels),
        };

        void EndLevel()
        {
            if (inLevel == 0)
            {
                multipliers.Add(1); // its weights are missing
            }

            blocks.Add(inLevel);
            inLevel = 0;
        }
    }

    /// <summary>Applies the rules to the sizes.</summary>
    public static void Validate(UNetConfig config, ConfigRules rules)
    {
        const int maxLatentChannels = 64;
        rules.Within(config.ModelChannels, 1, ConfigRules.MaxChannels);
        rules.Within(config.NormGroups, 1, ConfigRules.MaxChannels);
        rules.MultipleOf(config.ModelChannels, config.NormGroups);
        rules.Count(config.ChannelMultipliers, 1, ConfigRules.MaxLevels);
        rules.Each(config.ChannelMultipliers, 1, ConfigRules.MaxMultiplier);
        rules.Within(config.InChannels, 1, maxLatentChannels);
        rules.Within(config.OutChannels, 1, maxLatentChannels);
        rules.Within(config.HintChannels, 1, maxLatentChannels);
        rules.Within(config.ResBlocks, 1, ConfigRules.MaxLevels);
        rules.Within(config.TransformerDepth, 1, MaxDepth);
        rules.Within(config.ContextFeatures, 0, ConfigRules.MaxChannels);
        rules.Within(config.HeadChannels, 1, ConfigRules.MaxChannels);
        rules.Count(config.AttentionFactors, 0, ConfigRules.MaxLevels);
        foreach (var multiplier in config.ChannelMultipliers)
        {
            rules.MultipleOf(config.ModelChannels * multiplier, config.HeadChannels, nameof(config.ModelChannels));
        }
    }
}
