using System.Text.Json.Serialization;
using DiffBir.Packs.Lora;

namespace DiffBir.Packs;

/// <summary>How one step of the UNet, with LoRAs merged into it, restores a photo.</summary>
public sealed record OneStepSource
{
    /// <summary>The UNet's LoRAs, merged one after the other.</summary>
    public required IReadOnlyList<LoraSource> Lora { get; init; }

    /// <summary>LoRAs of the autoencoder's encoder, merged likewise.</summary>
    public IReadOnlyList<LoraSource> EncoderLora { get; init; } = [];

    /// <summary>The timestep that the UNet is told, and that the formula uses.</summary>
    public required int Timestep { get; init; }

    /// <summary>What the UNet gives.</summary>
    public OneStepPrediction Predicts { get; init; }

    /// <summary>How the photo becomes the image that is encoded.</summary>
    public OneStepInput Input { get; init; }

    /// <summary>
    /// Whether the UNet without the last LoRA is the faithful end of a dial, at whose other end it has all
    /// (PiSA-SR: its first LoRA mends pixels, its second invents detail).
    /// </summary>
    public bool HasDial { get; init; }

    /// <summary>Whether the photo is described by a prompt; otherwise the prompt is always empty.</summary>
    public bool HasPrompt { get; init; } = true;

    /// <summary>The side of the tiles that the original cuts, in pixels.</summary>
    [AllowedRange(64, 4096, MultipleOf = 64)]
    public int Tile { get; init; } = 512;

    /// <summary>The step from tile to tile.</summary>
    [AllowedRange(8, 4096, MultipleOf = 8)]
    public int TileStride { get; init; } = 256;

    /// <summary>Whether the autoencoder sees the same tiles, blended; otherwise only the UNet is cut, where a latent has more pixels than a tile.</summary>
    public bool TilesAutoencoder { get; init; }

    /// <summary>Whether tiles weigh most in the middle of their rows as of their columns; otherwise half a pixel below (docs/quirks.md#tile-weights).</summary>
    public bool CentersTileWeights { get; init; }

    /// <summary>Whether the original leaves the results of small photos as large as the networks made them.</summary>
    public bool LeavesSmallEnlarged { get; init; }

    /// <summary>The keys of the files with LoRAs.</summary>
    [JsonIgnore]
    public IEnumerable<string> Files => Lora.Concat(EncoderLora).Select(lora => lora.File).Distinct();
}

/// <summary>What the UNet of a one-step pack gives.</summary>
public enum OneStepPrediction
{
    /// <summary>The noise, as it was trained to: the clean latent is (z − √(1 − ᾱ)·ε) / √ᾱ.</summary>
    Noise,

    /// <summary>What is wrong with the latent: the clean one is z − ε.</summary>
    Residual,
}

/// <summary>How a photo becomes the image that is encoded.</summary>
public enum OneStepInput
{
    /// <summary>Enlarged in floats; small images are enlarged again for the networks only, and the result has the enlarged photo's low frequencies (HYPIR).</summary>
    Enlarged,

    /// <summary>Enlarged in 8 bits, small photos to the networks' size, then to multiples of 8; all else follows that image (OSEDiff, PiSA-SR).</summary>
    Fitted,
}
