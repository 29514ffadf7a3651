namespace DiffBir.Packs.Lora;

/// <summary>A LoRA (arXiv 2106.09685) of one network: W' = W + s·B·A for the weights of the layers that it adapts.</summary>
public sealed record LoraSource
{
    /// <summary>The key of the file.</summary>
    public required string File { get; init; }

    /// <summary>What the names of its tensors begin with in the file.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>How the names of its adapters end, where a file holds several LoRAs of one network.</summary>
    public string AdapterSuffix { get; init; } = "";

    /// <summary>The layers that it adapts: those whose names in diffusers are one of these, or end in a dot and one of these.</summary>
    public required IReadOnlyList<string> Modules { get; init; }

    /// <summary>What s is times the rank; null where it is the rank, so that s is 1.</summary>
    [AllowedRange(1e-6, 10_000)]
    public double? Alpha { get; init; }

    /// <summary>Whether it adapts a layer (peft's rule).</summary>
    /// <param name="module">The layer's name in diffusers.</param>
    internal bool Adapts(string module) =>
        Modules.Any(name => module == name || module.EndsWith($".{name}", StringComparison.Ordinal));
}
