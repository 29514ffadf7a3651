namespace DiffBir.Networks.Diffusion;

/// <summary>How the diffusers library calls the layers of the diffusion UNet, in whose names files of LoRA speak.</summary>
internal static class DiffusersUNetNames
{
    private static readonly Dictionary<string, string> ResBlock = new(StringComparer.Ordinal)
    {
        ["in_layers.0"] = "norm1",
        ["in_layers.2"] = "conv1",
        ["emb_layers.1"] = "time_emb_proj",
        ["out_layers.0"] = "norm2",
        ["out_layers.3"] = "conv2",
        ["skip_connection"] = "conv_shortcut",
    };

    private static readonly Dictionary<string, string> Outside = new(StringComparer.Ordinal)
    {
        ["time_embed.0"] = "time_embedding.linear_1",
        ["time_embed.2"] = "time_embedding.linear_2",
        ["input_blocks.0.0"] = "conv_in",
        ["out.0"] = "conv_norm_out",
        ["out.2"] = "conv_out",
    };

    /// <summary>The diffusers name of a layer.</summary>
    /// <param name="config">The sizes, which decide on which level a block is.</param>
    /// <param name="layer">Its name here: <c>input_blocks.4.1.proj_in</c>.</param>
    /// <returns>For example <c>down_blocks.1.attentions.0.proj_in</c>; null where there is none.</returns>
    public static string? Of(UNetConfig config, string layer)
    {
        if (Outside.TryGetValue(layer, out var outside))
        {
            return outside;
        }

        var parts = layer.Split('.', 4);
        return parts[0] switch
        {
            "input_blocks" when parts.Length == 4 && int.TryParse(parts[1], out var block) => OfInput(
                config,
                block - 1,
                parts[2],
                parts[3]
            ),
            "output_blocks" when parts.Length == 4 && int.TryParse(parts[1], out var block) => OfOutput(
                config,
                block,
                parts[2],
                parts[3]
            ),
            "middle_block" when layer.Split('.', 3) is [_, var part, var rest] => OfMiddle(part, rest),
            _ => null,
        };
    }

    // A level has its blocks and one convolution that halves the resolution.
    private static string? OfInput(UNetConfig config, int block, string part, string rest)
    {
        var (level, inLevel) = (block / (config.ResBlocks + 1), block % (config.ResBlocks + 1));
        return inLevel == config.ResBlocks
            ? rest == "op"
                ? $"down_blocks.{level}.downsamplers.0.conv"
                : null
            : OfBlock($"down_blocks.{level}", inLevel, part, rest);
    }

    // A level has one block more than in the encoder; the last one ends in the convolution that doubles the resolution.
    private static string? OfOutput(UNetConfig config, int block, string part, string rest)
    {
        var (level, inLevel) = (block / (config.ResBlocks + 1), block % (config.ResBlocks + 1));
        return rest == "conv" ? $"up_blocks.{level}.upsamplers.0.conv" : OfBlock($"up_blocks.{level}", inLevel, part, rest);
    }

    private static string? OfMiddle(string part, string rest) =>
        part switch
        {
            "0" => OfBlock("mid_block", 0, "0", rest),
            "1" => OfBlock("mid_block", 0, "1", rest),
            "2" => OfBlock("mid_block", 1, "0", rest),
            _ => null,
        };

    private static string? OfBlock(string path, int block, string part, string rest) =>
        part == "1" ? $"{path}.attentions.{block}.{rest}"
        : ResBlock.TryGetValue(rest, out var name) ? $"{path}.resnets.{block}.{name}"
        : null;
}
