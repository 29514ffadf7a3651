namespace DiffBir.Sampling;

/// <summary>What a sampler tells a denoiser about its input: xt = <see cref="Alpha"/>·x0 + <see cref="Sigma"/>·eps.</summary>
/// <param name="Timestep">
/// The time that the network is told, from 0 to the schedule's length − 1. Some samplers tell a fraction, and some
/// a time that is only near the noise level; the level is what counts everywhere else.
/// </param>
/// <param name="Alpha">The clean latent's factor: √ᾱ in the samplers that keep the variance, 1 in the EDM family.</param>
/// <param name="Sigma">The noise's factor.</param>
/// <param name="CleanWeight">
/// The weight of x0 in the mean of q(x_next | xt, x0) for the step being taken: β·√ᾱ_next / (1 − ᾱ). Restoration
/// guidance divides by it, so that its scale means the same with every sampler and number of steps.
/// </param>
internal readonly record struct NoiseLevel(double Timestep, double Alpha, double Sigma, double CleanWeight)
{
    /// <summary>A level of a sampler that keeps the variance: xt = √ᾱ·x0 + √(1 − ᾱ)·eps.</summary>
    internal static NoiseLevel Of(double timestep, double alphaBar, double alphaBarNext) =>
        new(timestep, Math.Sqrt(alphaBar), Math.Sqrt(1 - alphaBar), WeightOfClean(alphaBar, alphaBarNext));

    /// <summary>The weight of x0 in the posterior's mean for a step between two levels (arXiv 2006.11239, equation 7).</summary>
    internal static double WeightOfClean(double alphaBar, double alphaBarNext)
    {
        var beta = 1 - (alphaBar / alphaBarNext);
        return beta * Math.Sqrt(alphaBarNext) / (1 - alphaBar);
    }
}
