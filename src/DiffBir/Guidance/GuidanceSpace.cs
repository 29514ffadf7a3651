namespace DiffBir.Guidance;

/// <summary>Where restoration guidance compares.</summary>
public enum GuidanceSpace
{
    /// <summary>Pixels, through the decoder: exact, several times as slow.</summary>
    Rgb,

    /// <summary>Latents: fast.</summary>
    Latent,
}
