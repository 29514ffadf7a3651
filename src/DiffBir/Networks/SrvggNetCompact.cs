using System.Text.Json.Serialization;
using DiffBir.Graphs;

namespace DiffBir.Networks;

/// <summary>The sizes of <see cref="SrvggNetCompact"/>.</summary>
public sealed record SrvggNetCompactConfig : Stage1Config
{
    /// <summary>Channels of every convolution but the last.</summary>
    public int Channels { get; init; } = 64;

    /// <summary>Convolutions between the first and the last: 32 in <c>realesr-general-x4v3</c>, 16 in <c>realesr-animevideov3</c>.</summary>
    public int Convolutions { get; init; } = 32;

    /// <summary>The enlargement.</summary>
    public int Scale { get; init; } = 4;

    /// <inheritdoc/>
    [JsonIgnore]
    public override int OutputScale => Scale;

    internal override Architecture Architecture => SrvggNetCompact.Architecture;

    /// <inheritdoc/>
    internal override Graph Build(int batch, int height, int width) => SrvggNetCompact.Build(this, batch, height, width);
}

/// <summary>
/// SRVGGNetCompact (Wang et al., Real-ESRGAN, 2021): plain convolutions at the size of the input; the last gives each pixel's
/// square of enlarged pixels, as a difference to the enlarged input.
/// </summary>
internal static class SrvggNetCompact
{
    /// <summary>How the network is known.</summary>
    internal static Architecture<SrvggNetCompactConfig> Architecture { get; } =
        new()
        {
            Kind = "SrvggNetCompact",
            Title = "SRVGGNetCompact (the compact network of Real-ESRGAN: stage 1, super-resolution)",
            Marks = ["body.0.weight", "body.0.bias"],
            ForeignMark = "body.1.bias", // only a PReLU has no bias
            Official = new SrvggNetCompactConfig(),
            Recover = Recover,
            Validate = Validate,
            Build = (config, scope) => [Build(config, 1, 1, 1, scope)],
        };

    /// <summary>Appends the network to an image [B, 3, H, W] in [0, 1]; the result is <see cref="SrvggNetCompactConfig.Scale"/> times as large.</summary>
    internal static Node Append(LayerScope<SrvggNetCompactConfig> s, Node lq)
    {
        var (g, config) = s;
        // Convolutions and activations take turns: body.0, body.1, …
        var body = s["body"];
        var h = lq;
        for (var layer = 0; layer <= config.Convolutions; layer++)
        {
            h = body[2 * layer].Conv3x3(h, config.Channels);
            h = body[(2 * layer) + 1].PRelu(h);
        }

        var squares = body[2 * (config.Convolutions + 1)].Conv3x3(h, 3 * config.Scale * config.Scale);
        return g.Add(g.PixelShuffle(squares, config.Scale), g.UpsampleNearest(lq, config.Scale)); // (B, 3, H·scale, W·scale)
    }

    /// <summary>The network: input <c>lq</c> [B, 3, H, W] in [0, 1], output <c>clean</c>.</summary>
    public static Graph Build(SrvggNetCompactConfig config, int batch, int height, int width, ParameterScope scope = default)
    {
        var g = new GraphBuilder("SRVGGNetCompact");
        return g.Build(("clean", Append(g.At(scope, config), g.Input("lq", [batch, 3, height, width]))));
    }

    private static SrvggNetCompactConfig Recover(WeightShapes weights)
    {
        var official = new SrvggNetCompactConfig();
        var convolutions = (weights.Count("body", (2 * ConfigRules.MaxBlocks) + 3) / 2) - 1;
        var squares = weights.Size($"body.{2 * (convolutions + 1)}.weight", 0, 3 * official.Scale * official.Scale);
        return new()
        {
            Channels = weights.Size("body.0.weight", 0, official.Channels),
            Convolutions = convolutions,
            Scale = (int)Math.Sqrt(squares / 3.0),
        };
    }

    private static void Validate(SrvggNetCompactConfig config, ConfigRules rules)
    {
        rules.Within(config.Channels, 1, ConfigRules.MaxChannels);
        rules.Within(config.Convolutions, 0, ConfigRules.MaxBlocks);
        rules.OneOf(config.Scale, [1, 2, 4]);
    }
}
