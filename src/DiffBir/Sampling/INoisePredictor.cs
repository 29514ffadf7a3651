namespace DiffBir.Sampling;

/// <summary>A denoising network: predicts eps or v from a noisy latent and what steers it.</summary>
internal interface INoisePredictor
{
    /// <summary>Runs the network.</summary>
    /// <param name="xt">The noisy latent [B,C,h,w], of unit variance: √ᾱ·x0 + √(1 − ᾱ)·eps.</param>
    /// <param name="timestep">The time to tell the network; one for the whole batch, not always a whole number.</param>
    /// <param name="condition">What steers it; its batch is xt's.</param>
    /// <param name="cancellation">Ends a long prediction early.</param>
    /// <returns>eps or v, of xt's shape.</returns>
    Latent Predict(Latent xt, double timestep, DenoiserCondition condition, CancellationToken cancellation);
}

/// <summary>A network with its condition already bound to it.</summary>
internal interface IGuidedPredictor
{
    /// <summary>Runs the network, once or more often; see <see cref="INoisePredictor.Predict"/>.</summary>
    Latent Predict(Latent xt, double timestep, CancellationToken cancellation);
}
