namespace DiffBir.Packs;

/// <summary>
/// A linear way from a latent pixel to the mean color of its part of the image: a preview at the latent's size, for hardly any time.
/// </summary>
public sealed record LatentColors
{
    /// <summary>For each channel of the latent what it adds to red, green and blue.</summary>
    public required IReadOnlyList<IReadOnlyList<double>> Weights { get; init; }

    /// <summary>Red, green and blue in [0, 1] of a latent of zeros.</summary>
    public required IReadOnlyList<double> Offset { get; init; }
}
