namespace DiffBir.Sampling;

/// <summary>What sampling starts from.</summary>
public enum StartPoint
{
    /// <summary>Pure noise.</summary>
    Noise,

    /// <summary>The condition latent with the noise of the last timestep: steadier, less detail.</summary>
    Condition,

    /// <summary>The low frequencies of the clean image with the noise of the last timestep: v2.0.0's "better start".</summary>
    [OptionWord("low-frequencies")]
    LowFrequencies,
}
