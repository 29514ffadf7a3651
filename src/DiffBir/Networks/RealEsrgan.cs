using System.Text.Json.Serialization;
using DiffBir.Graphs;

namespace DiffBir.Networks;

/// <summary>The sizes of <see cref="RealEsrgan"/>.</summary>
public sealed record RealEsrganConfig : Stage1Config
{
    /// <summary>Channels of the trunk.</summary>
    public int Channels { get; init; } = 64;

    /// <summary>Residual-in-residual dense blocks: 23 in <c>RealESRGAN_x4plus</c>, 6 in its version for drawings.</summary>
    public int Blocks { get; init; } = 23;

    /// <summary>Channels that each dense convolution adds.</summary>
    public int Growth { get; init; } = 32;

    /// <summary>The enlargement: 4, or 2, where the trunk sees each square of 2 × 2 pixels as one.</summary>
    public int Scale { get; init; } = 4;

    /// <inheritdoc/>
    [JsonIgnore]
    public override int OutputScale => Scale;

    /// <inheritdoc/>
    [JsonIgnore]
    public override int SizeMultiple => RealEsrgan.TrunkScale / Scale;

    internal override Architecture Architecture => RealEsrgan.Architecture;

    /// <inheritdoc/>
    internal override Graph Build(int batch, int height, int width) => RealEsrgan.Build(this, batch, height, width);
}

/// <summary>The enlarging network of Real-ESRGAN (Wang et al., 2021): an RRDBNet, its layers under other names than BSRGAN's.</summary>
internal static class RealEsrgan
{
    /// <summary>How much larger than what it sees the trunk makes an image.</summary>
    internal const int TrunkScale = 4;

    /// <summary>The names of Real-ESRGAN's files.</summary>
    internal static RrdbNetNames Names { get; } =
        new(Trunk: "body", ["rdb1", "rdb2", "rdb3"], TrunkEnd: "conv_body", ["conv_up1", "conv_up2"], Last: "conv_hr");

    /// <summary>How the network is known.</summary>
    internal static Architecture<RealEsrganConfig> Architecture { get; } =
        new()
        {
            Kind = "RealEsrgan",
            Title = "RRDBNet of Real-ESRGAN (stage 1, super-resolution)",
            Marks = ["body.0.rdb1.conv1.weight", "body.0.rdb1.conv1.bias"],
            Official = new RealEsrganConfig(),
            Recover = Recover,
            Validate = Validate,
            Build = (config, scope) => [Build(config, 1, config.SizeMultiple, config.SizeMultiple, scope)],
        };

    /// <summary>The network: input <c>lq</c> [B, 3, H, W] in [0, 1], output <c>clean</c>.</summary>
    public static Graph Build(RealEsrganConfig config, int batch, int height, int width, ParameterScope scope = default)
    {
        var g = new GraphBuilder("Real-ESRGAN");
        var trunk = new RrdbNetConfig
        {
            Channels = config.Channels,
            Blocks = config.Blocks,
            Growth = config.Growth,
            Scale = TrunkScale,
            Names = Names,
        };
        var lq = g.Input("lq", [batch, 3, height, width]);
        var seen = config.SizeMultiple > 1 ? g.PixelUnshuffle(lq, config.SizeMultiple) : lq;
        return g.Build(("clean", RrdbNet.Append(g.At(scope, trunk), seen)));
    }

    private static RealEsrganConfig Recover(WeightShapes weights)
    {
        var official = new RealEsrganConfig();
        return new()
        {
            Channels = weights.Size("conv_first.weight", 0, official.Channels),
            Growth = weights.Size("body.0.rdb1.conv1.weight", 0, official.Growth),
            Blocks = weights.Count("body", ConfigRules.MaxBlocks),
            Scale = weights.Size("conv_first.weight", 1, otherwise: 3) > 3 ? 2 : 4,
        };
    }

    private static void Validate(RealEsrganConfig config, ConfigRules rules)
    {
        rules.Within(config.Channels, 1, ConfigRules.MaxChannels);
        rules.Within(config.Blocks, 1, ConfigRules.MaxBlocks);
        rules.Within(config.Growth, 1, ConfigRules.MaxChannels);
        rules.OneOf(config.Scale, [2, 4]);
    }
}
