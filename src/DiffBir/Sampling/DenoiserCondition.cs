namespace DiffBir.Sampling;

/// <summary>What steers a denoising network.</summary>
/// <param name="Text">The prompt's embedding [B,tokens,channels].</param>
/// <param name="Latent">The condition latent [B,C,h,w]: the clean image through the autoencoder's encoder.</param>
internal sealed record DenoiserCondition(Tensor Text, Latent Latent)
{
    /// <summary>What deep layers computed under this condition in earlier steps; null where every step computes everything.</summary>
    public DeepFeatures? Deep { get; init; }

    /// <summary>The first row of the tile that the latent is cut from; 0 for the whole.</summary>
    public int Top { get; init; }

    /// <summary>The first column of the tile that the latent is cut from; 0 for the whole.</summary>
    public int Left { get; init; }

    /// <summary>Two conditions as one batch.</summary>
    internal static DenoiserCondition Stack(DenoiserCondition first, DenoiserCondition second)
    {
        second.Text.Validate("second text", [-1, .. first.Text.Shape[1..]]);
        float[] text = [.. first.Text.Data, .. second.Text.Data];
        return new(
            new Tensor(text, [first.Text.Size(0) + second.Text.Size(0), .. first.Text.Shape[1..]]),
            LatentMath.Stack(first.Latent, second.Latent)
        );
    }
}
