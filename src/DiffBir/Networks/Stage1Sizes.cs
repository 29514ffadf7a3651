namespace DiffBir.Networks;

/// <summary>Recovers the sizes of stage 1's networks from their weights.</summary>
internal static class Stage1Sizes
{
    private const int MostBlocks = 64;
    private const int MostWindow = 16; // pixels: tables grow with its fourth power
    private const int MostUnshuffle = 16;

    public static RrdbNetConfig RrdbNet(WeightShapes weights)
    {
        var official = RrdbNetConfig.BsrNet;
        var unshuffle = (int)Math.Sqrt(weights.Size("conv_first.weight", 1, otherwise: 3) / 3);
        return new()
        {
            Channels = weights.Size("conv_first.weight", 0, official.Channels),
            Growth = weights.Size("RRDB_trunk.0.RDB1.conv1.weight", 0, official.Growth),
            Blocks = weights.Count("RRDB_trunk", MostBlocks),
            Scale =
                unshuffle > 1 ? 1
                : weights.HasBelow("upconv2") ? 4
                : 2,
            Unshuffle = unshuffle,
        };
    }

    public static ScuNetConfig ScuNet(WeightShapes weights)
    {
        var official = ScuNetConfig.Official;
        var channels = weights.Size("m_head.0.weight", 0, official.Channels);
        var positions = "m_down1.0.trans_block.msa.relative_position_params";
        var heads = weights.Size(positions, 0, otherwise: 1);
        return new()
        {
            Channels = channels,
            // Each level ends in its convolution downwards, or begins with the one upwards.
            Blocks =
            [
                Level("m_down1") - 1,
                Level("m_down2") - 1,
                Level("m_down3") - 1,
                Level("m_body"),
                Level("m_up3") - 1,
                Level("m_up2") - 1,
                Level("m_up1") - 1,
            ],
            HeadChannels = Math.Max(1, channels / 2 / heads), // half of the channels go through the transformer
            Window = Window(weights.Size(positions, 1, 2 * official.Window - 1), official.Window),
        };

        int Level(string path) => Math.Max(1, weights.Count(path, MostBlocks / 2));
    }

    public static SwinIrConfig SwinIr(WeightShapes weights)
    {
        var official = SwinIrConfig.DiffBir;
        var table = "layers.0.residual_group.blocks.0.attn.relative_position_bias_table";
        var channels = weights.Size("conv_first.1.weight", 0, official.Channels);
        var hidden = weights.Size("layers.0.residual_group.blocks.0.mlp.fc1.weight", 0, official.MlpRatio * channels);
        var pixels = weights.Size("conv_first.1.weight", 1, 3 * official.Unshuffle * official.Unshuffle) / 3;
        var span = (int)Math.Sqrt(weights.Size(table, 0, (2 * official.Window - 1) * (2 * official.Window - 1)));
        return new()
        {
            Channels = channels,
            Depths =
            [
                .. Enumerable
                    .Range(0, weights.Count("layers", MostBlocks))
                    .Select(group => weights.Count($"layers.{group}.residual_group.blocks", MostBlocks)),
            ],
            Heads = weights.Size(table, 1, official.Heads),
            Window = Window(span, official.Window),
            MlpRatio = Math.Max(1, hidden / channels),
            Unshuffle = Math.Clamp((int)Math.Sqrt(pixels), 1, MostUnshuffle),
            Upsampler = weights.HasBelow("conv_before_upsample") ? SwinIrUpsampler.NearestConv : SwinIrUpsampler.PixelShuffle,
            UpsampleChannels = weights.Size("conv_before_upsample.0.weight", 0, official.UpsampleChannels),
        };
    }

    // Two pixels of a window are at most window − 1 apart, in both directions.
    private static int Window(int span, int otherwise) =>
        (span + 1) / 2 is var window and >= 1 and <= MostWindow ? window : otherwise;
}
