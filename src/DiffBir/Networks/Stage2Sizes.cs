using DiffBir.Networks.Autoencoder;
using DiffBir.Networks.Diffusion;

namespace DiffBir.Networks;

/// <summary>Recovers the sizes of stage 2's networks from their weights.</summary>
internal static class Stage2Sizes
{
    private const int MostLevels = 8;
    private const int MostBlocks = 32; // of a level
    private const int MostMultiplier = 64;
    private const int MostDepth = 16;
    private const int MostLayers = 256;
    private const int MostTokens = 1024;
    private const int MostWords = 1 << 20;
    private const int TextHeadWidth = 64; // of every OpenCLIP text encoder

    public static UNetConfig UNet(WeightShapes weights)
    {
        var config = DiffusionEncoder(weights);
        return config with
        {
            InChannels = weights.Size("input_blocks.0.0.weight", 1, config.InChannels),
            OutChannels = weights.Size("out.2.weight", 0, config.OutChannels),
        };
    }

    public static UNetConfig ControlNet(WeightShapes weights)
    {
        var config = DiffusionEncoder(weights);
        // Its first convolution reads x_t and the condition latent, which are alike.
        var half = weights.Size("input_blocks.0.0.weight", 1, config.InChannels + config.HintChannels) / 2;
        return config with { InChannels = Math.Max(1, half), OutChannels = Math.Max(1, half), HintChannels = Math.Max(1, half) };
    }

    public static AutoencoderConfig Autoencoder(WeightShapes weights)
    {
        var official = AutoencoderConfig.StableDiffusion21;
        var channels = weights.Size("encoder.conv_in.weight", 0, official.Channels);
        var levels = Math.Max(1, weights.Count("encoder.down", MostLevels));
        int[] multipliers =
        [
            .. Enumerable
                .Range(0, levels)
                .Select(level => Multiplier(weights, $"encoder.down.{level}.block.0.conv1.weight", channels)),
        ];
        return new()
        {
            Channels = channels,
            ChannelMultipliers = multipliers,
            ResBlocks = Math.Max(1, weights.Count("encoder.down.0.block", MostBlocks)),
            MiddleAttention = weights.Has("decoder.mid.attn_1.q.weight"),
            LatentChannels = weights.Size("decoder.conv_in.weight", 1, official.LatentChannels),
            NormGroups = Groups(official.NormGroups, channels),
        };
    }

    public static TextEncoderConfig TextEncoder(WeightShapes weights)
    {
        var official = TextEncoderConfig.OpenClipViTH;
        var width = weights.Size("token_embedding.weight", 1, official.Width);
        return new()
        {
            ContextLength = weights.Size("positional_embedding", 0, official.ContextLength, MostTokens),
            VocabularySize = weights.Size("token_embedding.weight", 0, official.VocabularySize, MostWords),
            Width = width,
            Heads = width % TextHeadWidth == 0 ? width / TextHeadWidth : 1,
            Layers = Math.Max(1, weights.Count("transformer.resblocks", MostLayers)),
        };
    }

    private static UNetConfig DiffusionEncoder(WeightShapes weights)
    {
        var official = UNetConfig.StableDiffusion21;
        var channels = weights.Size("input_blocks.0.0.weight", 0, official.ModelChannels);
        var multipliers = new List<int>();
        var attention = new List<int>();
        var blocks = new List<int>();
        var inLevel = 0;
        var total = weights.Count("input_blocks", MostLevels * MostBlocks);
        for (var block = 1; block < total && blocks.Count < MostLevels; block++)
        {
            var path = $"input_blocks.{block}";
            if (weights.HasBelow($"{path}.0.op"))
            {
                EndLevel();
                continue;
            }

            if (inLevel++ == 0)
            {
                multipliers.Add(Multiplier(weights, $"{path}.0.in_layers.2.weight", channels));
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
            ResBlocks = Math.Clamp(blocks.Max(), 1, MostBlocks),
            AttentionFactors = attention,
            HeadChannels = Groups(official.HeadChannels, channels),
            TransformerDepth = Math.Max(1, weights.Count(middle, MostDepth)),
            ContextFeatures = weights.Size($"{middle}.0.attn2.to_k.weight", 1, official.ContextFeatures),
            NormGroups = Groups(official.NormGroups, channels),
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

    private static int Multiplier(WeightShapes weights, string name, int channels) =>
        Math.Clamp(weights.Size(name, 0, channels) / channels, 1, MostMultiplier);

    /// <summary>The usual number where it divides the channels, else the largest half, quarter … of it that does.</summary>
    private static int Groups(int usual, int channels)
    {
        while (channels % usual != 0)
        {
            usual /= 2;
        }

        return usual;
    }
}
