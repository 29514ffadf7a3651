using System.Text.Json;
using DiffBir.Graphs;
using DiffBir.Networks.Autoencoder;
using DiffBir.Networks.Diffusion;

namespace DiffBir.Networks;

/// <summary>How a network is recognised, measured and built.</summary>
/// <param name="Kind">Which network.</param>
/// <param name="Marks">Names that it has and no other network; what stands before them is its prefix.</param>
/// <param name="Excluded">A name that only a similar network has; empty if there is none.</param>
/// <param name="Official">The official sizes.</param>
/// <param name="Assumed">The properties of the sizes that the weights do not tell.</param>
/// <param name="Recover">Gives the sizes.</param>
/// <param name="Build">Gives graphs that together have all weights, for inputs as small as possible.</param>
/// <param name="IsUnneeded">Whether a name below the prefix is a leftover that files of this network are known to have.</param>
internal sealed record KnownNetwork(
    NetworkKind Kind,
    IReadOnlyList<string> Marks,
    string Excluded,
    object Official,
    IReadOnlyList<string> Assumed,
    Func<WeightShapes, object> Recover,
    Func<object, ParameterScope, IReadOnlyList<Graph>> Build,
    Func<object, string, bool> IsUnneeded
)
{
    private const int ScuNetSide = 64; // a multiple of 8 windows
    private const int RrdbNetSide = 8;

    /// <summary>Every network.</summary>
    public static IReadOnlyList<KnownNetwork> All { get; } =
    [
        Define(
            NetworkKind.RrdbNet,
            ["RRDB_trunk.0.RDB1.conv1.weight", "RRDB_trunk.0.RDB1.conv1.bias"],
            RrdbNetConfig.BsrNet,
            [],
            Stage1Sizes.RrdbNet,
            (sizes, scope) => [RrdbNet.Build(sizes, 1, RrdbNetSide, RrdbNetSide, scope)]
        ),
        Define(
            NetworkKind.ScuNet,
            ["m_head.0.weight", "m_body.0.trans_block.msa.relative_position_params"],
            ScuNetConfig.Official,
            [],
            Stage1Sizes.ScuNet,
            (sizes, scope) => [ScuNet.Build(sizes, 1, ScuNetSide, ScuNetSide, scope)]
        ),
        Define(
            NetworkKind.SwinIr,
            ["conv_first.1.weight", "patch_embed.norm.weight"],
            SwinIrConfig.DiffBir,
            [],
            Stage1Sizes.SwinIr,
            (sizes, scope) => [SwinIr.Build(sizes, 1, sizes.SizeMultiple, sizes.SizeMultiple, scope)],
            isUnneeded: static (_, name) =>
                name.EndsWith(".relative_position_index", StringComparison.Ordinal)
                || name.EndsWith(".attn_mask", StringComparison.Ordinal)
        ),
        Define(
            NetworkKind.UNet,
            ["output_blocks.0.0.in_layers.0.weight", "output_blocks.1.0.in_layers.0.weight"],
            UNetConfig.StableDiffusion21,
            [nameof(UNetConfig.HintChannels), nameof(UNetConfig.HeadChannels), nameof(UNetConfig.NormGroups)],
            Stage2Sizes.UNet,
            (sizes, scope) => [UNet.Build(sizes, 1, sizes.SizeMultiple, sizes.SizeMultiple, tokens: 1, scope)]
        ),
        Define(
            NetworkKind.ControlNet,
            ["zero_convs.0.0.weight", "middle_block_out.0.weight"],
            UNetConfig.StableDiffusion21,
            [nameof(UNetConfig.HeadChannels), nameof(UNetConfig.NormGroups)],
            Stage2Sizes.ControlNet,
            (sizes, scope) => [ControlNet.Build(sizes, 1, sizes.SizeMultiple, sizes.SizeMultiple, tokens: 1, scope)],
            excluded: "input_hint_block.0.weight"
        ),
        Define(
            NetworkKind.Autoencoder,
            ["encoder.conv_in.weight", "decoder.conv_in.weight"],
            AutoencoderConfig.StableDiffusion21,
            [nameof(AutoencoderConfig.NormGroups), nameof(AutoencoderConfig.ScaleFactor)],
            Stage2Sizes.Autoencoder,
            (sizes, scope) =>
                [Encoder.Build(sizes, 1, sizes.Reduction, sizes.Reduction, scope), Decoder.Build(sizes, 1, 1, 1, scope)],
            isUnneeded: static (_, name) => name.StartsWith("loss.", StringComparison.Ordinal)
        ),
        Define(
            NetworkKind.TextEncoder,
            ["transformer.resblocks.0.ln_1.weight", "transformer.resblocks.1.ln_1.weight"],
            TextEncoderConfig.OpenClipViTH,
            [nameof(TextEncoderConfig.Heads)],
            Stage2Sizes.TextEncoder,
            (sizes, scope) => [TextEncoder.Build(sizes, 1, scope)],
            excluded: "class_embedding", // the image tower's
            isUnneeded: static (sizes, name) =>
                name is "text_projection" or "logit_scale" or "attn_mask"
                || name.StartsWith("visual.", StringComparison.Ordinal)
                // The last block is not run.
                || name.StartsWith($"transformer.resblocks.{sizes.Layers - 1}.", StringComparison.Ordinal)
        ),
    ];

    /// <summary>Whether two records of sizes say the same, lists included.</summary>
    public static bool SameSizes(object a, object b) => JsonSerializer.Serialize(a) == JsonSerializer.Serialize(b);

    private static KnownNetwork Define<TSizes>(
        NetworkKind kind,
        IReadOnlyList<string> marks,
        TSizes official,
        IReadOnlyList<string> assumed,
        Func<WeightShapes, TSizes> recover,
        Func<TSizes, ParameterScope, IReadOnlyList<Graph>> build,
        string excluded = "",
        Func<TSizes, string, bool>? isUnneeded = null
    )
        where TSizes : notnull =>
        new(
            kind,
            marks,
            excluded,
            official,
            assumed,
            weights => recover(weights),
            (sizes, scope) => build((TSizes)sizes, scope),
            (sizes, name) => isUnneeded is not null && isUnneeded((TSizes)sizes, name)
        );
}
