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
public static class TextEncoder
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
    /// <param name="g">The graph to append to.</param>
    /// <param name="config">The sizes.</param>
    /// <param name="scope">Where the weights are.</param>
    /// <param name="tokens">[B, length]: ids, whole numbers stored as floats.</param>
    /// <returns>[B, length, width].</returns>
    public static Node Append(GraphBuilder g, TextEncoderConfig config, ParameterScope scope, Node tokens)
    {
        var length = config.ContextLength;
        var table = g.Parameter((scope / "token_embedding.weight").Path, [config.VocabularySize, config.Width]);
        var position = g.Parameter((scope / "positional_embedding").Path, [length, config.Width]);
        var x = g.Add(g.Gather(table, tokens), position);
        var mask = g.Constant(CausalMask(length));
        for (var layer = 0; layer < config.Layers - 1; layer++)
        {
            x = Block(g, config, scope / "transformer.resblocks" / layer, x, mask);
        }

        return g.LayerNorm(x, scope / "ln_final");
    }

    /// <summary>The encoder as a network: input <c>tokens</c>, output <c>context</c>.</summary>
    public static Graph Build(TextEncoderConfig config, int batch, ParameterScope scope)
    {
        var g = new GraphBuilder("text encoder");
        var tokens = g.Input("tokens", [batch, config.ContextLength]);
        return g.Build(("context", Append(g, config, scope, tokens)));
    }

    private static Node Block(GraphBuilder g, TextEncoderConfig config, ParameterScope scope, Node x, Node mask)
    {
        var attention = scope / "attn";
        var weight = g.Parameter((attention / "in_proj_weight").Path, [3 * config.Width, config.Width]);
        var bias = g.Parameter((attention / "in_proj_bias").Path, [3 * config.Width]);
        var qkv = g.Split(g.Linear(g.LayerNorm(x, scope / "ln_1"), weight, bias), 2, 3);
        var h = g.Attention(qkv[0], qkv[1], qkv[2], config.Heads, mask);
        x = g.Add(x, g.Linear(h, attention / "out_proj", config.Width));
        h = g.Gelu(g.Linear(g.LayerNorm(x, scope / "ln_2"), scope / "mlp.c_fc", 4 * config.Width));
        return g.Add(x, g.Linear(h, scope / "mlp.c_proj", config.Width));
    }

    private static Tensor CausalMask(int length)
    {
        var mask = new Tensor(1, 1, length, length);
        for (var row = 0; row < length; row++)
        {
            mask.Span.Slice(row * length + row + 1, length - row - 1).Fill(Masked);
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
