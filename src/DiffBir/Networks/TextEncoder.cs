using DiffBir.Graphs;

namespace DiffBir.Networks;

/// <summary>The sizes of the text encoder.</summary>
public sealed record TextEncoderConfig
{
    /// <summary>OpenCLIP ViT-H/14, the text encoder of Stable Diffusion 2.1.</summary>
    public static TextEncoderConfig OpenClipViTH { get; } = new();

    /// <summary>Tokens of a prompt, padding included.</summary>
    public int ContextLength { get; init; } = 77;

    /// <summary>Entries of the vocabulary.</summary>
    public int VocabularySize { get; init; } = 49408;

    /// <summary>Features of a token.</summary>
    public int Width { get; init; } = 1024;

    /// <summary>Attention heads.</summary>
    public int Heads { get; init; } = 16;

    /// <summary>Transformer blocks, the last of which is not run.</summary>
    public int Layers { get; init; } = 24;
}

/// <summary>OpenCLIP's text transformer up to its penultimate block, then the final norm, as Stable Diffusion 2.1 uses it.</summary>
internal static class TextEncoder
{
    // Far below every score: its exponential is exactly 0.
    private const float Masked = -1e9f;

    private const int HeadWidth = 64; // of every OpenCLIP text encoder
    private const int MaxRecoveredTokens = 1024;
    private const int MaxRecoveredLayers = 256;
    private const int MaxWords = 1 << 20;

    /// <summary>How the network is known.</summary>
    internal static Architecture<TextEncoderConfig> Architecture { get; } =
        new()
        {
            Kind = "TextEncoder",
            Title = "Text encoder (stage 2)",
            Marks = ["transformer.resblocks.0.ln_1.weight", "transformer.resblocks.1.ln_1.weight"],
            ForeignMark = "class_embedding", // the image tower's
            Official = TextEncoderConfig.OpenClipViTH,
            Assumed = [nameof(TextEncoderConfig.Heads)],
            Recover = Recover,
            Validate = Validate,
            Build = (config, scope) => [Build(config, 1, scope)],
            Leftover = static (config, name) =>
                name is "text_projection" or "logit_scale" or "attn_mask"
                || name.StartsWith("visual.", StringComparison.Ordinal)
                // The last block is not run.
                || name.StartsWith($"transformer.resblocks.{config.Layers - 1}.", StringComparison.Ordinal),
        };

    /// <summary>Where Stable Diffusion's checkpoints keep the text encoder.</summary>
    public static ParameterScope Scope => ParameterScope.Root / "cond_stage_model.model";

    /// <summary>Appends the encoder.</summary>
    /// <param name="s">The place of the network.</param>
    /// <param name="tokens">[B, length]: ids, whole numbers stored as floats.</param>
    /// <returns>[B, length, width].</returns>
    internal static Node Append(LayerScope<TextEncoderConfig> s, Node tokens)
    {
        var (g, config) = s;
        var table = s["token_embedding.weight"].Parameter([config.VocabularySize, config.Width]);
        var position = s["positional_embedding"].Parameter([config.ContextLength, config.Width]);
        var x = g.Add(g.Gather(table, tokens), position);
        var mask = g.Constant(CausalMask(config.ContextLength));
        for (var layer = 0; layer < config.Layers - 1; layer++)
        {
            x = Block(s["transformer.resblocks"][layer], x, mask);
        }

        return s["ln_final"].LayerNorm(x);
    }

    /// <summary>The encoder as a network: input <c>tokens</c>, output <c>context</c>.</summary>
    public static Graph Build(TextEncoderConfig config, int batch, ParameterScope scope)
    {
        var g = new GraphBuilder("text encoder");
        return g.Build(("context", Append(g.At(scope, config), g.Input("tokens", [batch, config.ContextLength]))));
    }

    private static Node Block(LayerScope<TextEncoderConfig> s, Node x, Node mask)
    {
        var (g, width) = (s.Graph, s.Config.Width);
        x = g.Add(x, Attend(s["attn"], s["ln_1"].LayerNorm(x), mask));
        var h = g.Gelu(s["mlp.c_fc"].Linear(s["ln_2"].LayerNorm(x), 4 * width));
        return g.Add(x, s["mlp.c_proj"].Linear(h, width));
    }

    private static Node Attend(LayerScope<TextEncoderConfig> s, Node x, Node mask)
    {
        var (g, width) = (s.Graph, s.Config.Width);
        var weight = s["in_proj_weight"].Parameter([3 * width, width]);
        var bias = s["in_proj_bias"].Parameter([3 * width]);
        var qkv = g.Split(g.Linear(x, weight, bias), 2, 3);
        return s["out_proj"].Linear(g.Attention(qkv[0], qkv[1], qkv[2], s.Config.Heads, mask), width);
    }

    private static Tensor CausalMask(int length)
    {
        var mask = new Tensor(1, 1, length, length);
        for (var row = 0; row < length; row++)
        {
            mask.Span.Slice((row * length) + row + 1, length - row - 1).Fill(Masked);
        }

        return mask;
    }

    private static TextEncoderConfig Recover(WeightShapes weights)
    {
        var official = TextEncoderConfig.OpenClipViTH;
        var width = weights.Size("token_embedding.weight", 1, official.Width);
        return new()
        {
            ContextLength = weights.Size("positional_embedding", 0, official.ContextLength, MaxRecoveredTokens),
            VocabularySize = weights.Size("token_embedding.weight", 0, official.VocabularySize, MaxWords),
            Width = width,
            Heads = width % HeadWidth == 0 ? width / HeadWidth : 1,
            Layers = Math.Max(1, weights.Count("transformer.resblocks", MaxRecoveredLayers)),
        };
    }

    private static void Validate(TextEncoderConfig config, ConfigRules rules)
    {
        const int maxTokens = 4096;
        rules.Within(config.ContextLength, 2, maxTokens);
        rules.Within(config.VocabularySize, 2, MaxWords);
        rules.Within(config.Width, 1, ConfigRules.MaxChannels);
        rules.Within(config.Heads, 1, ConfigRules.MaxChannels);
        rules.MultipleOf(config.Width, config.Heads);
        rules.Within(config.Layers, 2, ConfigRules.MaxBlocks);
    }
}
