using DiffBir.Conditioning;
using DiffBir.Networks;
using DiffBir.Networks.Diffusion;
using DiffBir.Training.Configuration;
using DiffBir.Training.Execution;
using TorchSharp;
using static TorchSharp.torch;

namespace DiffBir.Training.Tasks;

/// <summary>The text that every sample is told: a fixed prompt, or one token of zeros where there is no text encoder.</summary>
internal sealed class PromptContext : IDisposable
{
    private readonly TorchTensor _context; // (1, tokens, features)

    private PromptContext(TorchTensor context) => _context = context.DetachFromDisposeScope();

    /// <summary>Its length.</summary>
    public int Tokens => (int)_context.shape[1];

    /// <summary>Encodes the prompt.</summary>
    /// <param name="options">The text encoder and the prompt; null for none.</param>
    /// <param name="sizes">Of the UNet that reads the context.</param>
    /// <param name="device">Where it shall lie.</param>
    /// <param name="folder">What relative paths are relative to.</param>
    public static PromptContext Create(TextOptions? options, UNetConfig sizes, Device device, string folder)
    {
        if (options is null)
        {
            return new PromptContext(zeros(1, 1, sizes.ContextFeatures, device: device));
        }

        using var frozen = no_grad();
        using var scope = NewDisposeScope();
        var prefix = $"{TextEncoder.Scope.Path}.";
        var encoder = FrozenNetwork<TextEncoderConfig>.Open(options.Encoder, "text", prefix, folder);
        var graph = TextEncoder.Build(encoder.Sizes, 1, TextEncoder.Scope);
        using var weights = ParameterSet.Load(encoder.Under(prefix), device, graph);
        using var executor = new TorchExecutor(graph, device);
        var ids = ClipTokenizer.Load(Path.GetFullPath(options.Vocabulary, folder)).Encode(options.Prompt).Ids;
        var tokens = new Tensor([.. ids.Select(id => (float)id)], 1, ids.Count).ToTorch(device);
        return new PromptContext(executor.Run(tokens, weights.Tensors));
    }

    /// <summary>The context of a batch. (B, tokens, features)</summary>
    public TorchTensor Of(int batch) => _context.expand(batch, -1, -1);

    /// <inheritdoc/>
    public void Dispose() => _context.Dispose();
}
