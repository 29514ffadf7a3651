namespace DiffBir.Guidance;

/// <summary>How strongly, when and how often restoration guidance moves the predicted clean latent.</summary>
internal sealed record GuidanceSettings
{
    /// <summary>The dial between realism (0) and fidelity to the clean image; useful values are around 0.01 to 0.1.</summary>
    public double Scale { get; init; }

    /// <summary>What is compared.</summary>
    public GuidanceLossKind Loss { get; init; } = GuidanceLossKind.WeightedMse;

    /// <summary>Where it is compared.</summary>
    public GuidanceSpace Space { get; init; } = GuidanceSpace.Rgb;

    /// <summary>Guidance applies at times t with stop &lt; t + 1 &lt; start; times run from 999 down to 0.</summary>
    public int Start { get; init; } = 1001;

    /// <summary>Guidance applies at times t with stop &lt; t + 1 &lt; start.</summary>
    public int Stop { get; init; } = -1;

    /// <summary>How many gradient steps are taken at each time; 1 or more.</summary>
    public int Repeat { get; init; } = 1;
}

/// <summary>What restoration guidance compares.</summary>
public enum GuidanceLossKind
{
    /// <summary>Flat regions more than textured ones.</summary>
    [OptionWord("w-mse")]
    WeightedMse,

    /// <summary>All regions alike.</summary>
    Mse,
}

/// <summary>Where restoration guidance compares.</summary>
public enum GuidanceSpace
{
    /// <summary>Pixels, through the decoder: exact, several times as slow.</summary>
    Rgb,

    /// <summary>Latents: fast.</summary>
    Latent,
}
