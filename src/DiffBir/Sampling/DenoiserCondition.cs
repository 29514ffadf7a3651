namespace DiffBir.Sampling;

/// <summary>What steers a denoising network.</summary>
/// <param name="Text">The prompt's embedding [B,tokens,channels].</param>
/// <param name="Latent">The condition latent [B,C,h,w]: the clean image through the autoencoder's encoder.</param>
public sealed record DenoiserCondition(Tensor Text, Tensor Latent)
{
    /// <summary>Two conditions as one batch.</summary>
    internal static DenoiserCondition Stack(DenoiserCondition first, DenoiserCondition second) =>
        new(LatentMath.Stack(first.Text, second.Text), LatentMath.Stack(first.Latent, second.Latent));
}
