using DiffBir.Autoencoding;

namespace DiffBir.Restoration;

/// <summary>What steers the generator.</summary>
/// <param name="Text">The prompts.</param>
/// <param name="Posterior">The clean image's latent distribution; its mean is the condition latent.</param>
internal sealed record Conditions(EncodedPrompts Text, LatentPosterior Posterior)
{
    /// <summary>Rows of a latent.</summary>
    public int Height => Posterior.Mean.Size(2);

    /// <summary>Columns of a latent.</summary>
    public int Width => Posterior.Mean.Size(3);
}
