using DiffBir.Checkpoints;
using DiffBir.Engine;
using DiffBir.Networks;

namespace DiffBir.Conditioning;

/// <summary>Turns prompts into the context that the denoiser attends to.</summary>
internal interface IPromptEncoder : IDisposable
{
    /// <summary>Encodes a prompt.</summary>
    /// <returns>[1, tokens, features].</returns>
    Tensor Encode(string prompt, CancellationToken cancellation);

    /// <summary>Frees the network's memory.</summary>
    void Unload();
}

/// <summary>CLIP's tokenizer and text transformer. Contexts are kept: a batch of images encodes each prompt once.</summary>
internal sealed class ClipPromptEncoder : IPromptEncoder
{
    private readonly Lazy<ClipTokenizer> _tokenizer;
    private readonly SizedNetwork _network;
    private readonly Dictionary<string, Tensor> _contexts = [];

    /// <summary>Describes the encoder; nothing is loaded yet.</summary>
    /// <param name="config">The sizes.</param>
    /// <param name="weights">The weights, below <see cref="TextEncoder.Scope"/>.</param>
    /// <param name="vocabulary">The path of the tokenizer's vocabulary.</param>
    /// <param name="options">Where and how the network runs.</param>
    /// <param name="rules">Whose rules turn a prompt into ids.</param>
    public ClipPromptEncoder(
        TextEncoderConfig config,
        Func<Weights> weights,
        Func<string> vocabulary,
        EngineOptions options,
        TokenizerRules rules
    )
    {
        _tokenizer = new(() => ClipTokenizer.Load(vocabulary(), rules));
        _network = new SizedNetwork((_, _) => TextEncoder.Build(config, 1, TextEncoder.Scope), weights, options);
    }

    public Tensor Encode(string prompt, CancellationToken cancellation)
    {
        if (!_contexts.TryGetValue(prompt, out var context))
        {
            var ids = _tokenizer.Value.Encode(prompt).Ids;
            var tokens = new Tensor([.. ids.Select(id => (float)id)], 1, ids.Count);
            _contexts[prompt] = context = _network.Run(0, 0, cancellation, ("tokens", tokens))["context"];
        }

        return context;
    }

    public void Unload() => _network.Unload();

    public void Dispose() => _network.Dispose();
}

/// <summary>For packs that were trained without text: one token of zeros, whatever the prompt.</summary>
internal sealed class NoPromptEncoder(int features) : IPromptEncoder
{
    public Tensor Encode(string prompt, CancellationToken cancellation) => new(1, 1, features);

    public void Unload() { }

    public void Dispose() { }
}
