namespace DiffBir.Sampling;

/// <summary>All that a sampler knows of a model: it predicts the clean latent. Wrappers add guidance, tiles and the like.</summary>
internal interface IDenoiser
{
    /// <summary>Predicts the clean latent from a noisy one.</summary>
    /// <param name="xt">The noisy latent [B,C,h,w], on the sampler's own scale; see <paramref name="level"/>.</param>
    /// <param name="level">How much noise it holds.</param>
    /// <param name="cancellation">Ends a long prediction early.</param>
    /// <returns>x0 of the same shape; another latent than xt.</returns>
    Latent PredictClean(Latent xt, NoiseLevel level, CancellationToken cancellation);
}
