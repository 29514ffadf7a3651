namespace DiffBir.Networks.Autoencoder;

/// <summary>How the diffusers library calls the layers of the autoencoder's encoder, in whose names files of LoRA speak.</summary>
internal static class DiffusersEncoderNames
{
    private static readonly Dictionary<string, string> Attention = new(StringComparer.Ordinal)
    {
        ["norm"] = "group_norm",
        ["q"] = "to_q",
        ["k"] = "to_k",
        ["v"] = "to_v",
        ["proj_out"] = "to_out.0",
    };

    /// <summary>The diffusers name of a layer.</summary>
    /// <param name="layer">Its name here: <c>encoder.down.2.block.0.nin_shortcut</c>.</param>
    /// <returns>For example <c>encoder.down_blocks.2.resnets.0.conv_shortcut</c>; null where there is none.</returns>
    public static string? Of(string layer) =>
        layer.Split('.') switch
        {
            ["quant_conv"] or ["encoder", "conv_in" or "conv_out"] => layer,
            ["encoder", "norm_out"] => "encoder.conv_norm_out",
            ["encoder", "down", var level, "block", var block, var rest] =>
                $"encoder.down_blocks.{level}.resnets.{block}.{OfResidual(rest)}",
            ["encoder", "down", var level, "downsample", "conv"] => $"encoder.down_blocks.{level}.downsamplers.0.conv",
            ["encoder", "mid", "block_1", var rest] => $"encoder.mid_block.resnets.0.{OfResidual(rest)}",
            ["encoder", "mid", "block_2", var rest] => $"encoder.mid_block.resnets.1.{OfResidual(rest)}",
            ["encoder", "mid", "attn_1", var rest] when Attention.TryGetValue(rest, out var name) =>
                $"encoder.mid_block.attentions.0.{name}",
            _ => null,
        };

    private static string OfResidual(string part) => part == "nin_shortcut" ? "conv_shortcut" : part;
}
