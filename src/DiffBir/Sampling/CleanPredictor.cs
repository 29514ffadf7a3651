namespace DiffBir.Sampling;

/// <summary>Turns a network's prediction of eps or v into the clean latent that samplers ask for.</summary>
/// <param name="predictor">The network with its condition.</param>
/// <param name="parameterization">What it predicts.</param>
internal sealed class CleanPredictor(IGuidedPredictor predictor, Parameterization parameterization) : IDenoiser
{
    /// <inheritdoc/>
    public Latent PredictClean(Latent xt, NoiseLevel level, CancellationToken cancellation)
    {
        var (alpha, sigma) = (level.Alpha, level.Sigma);
        var norm = Math.Sqrt((alpha * alpha) + (sigma * sigma));
        var input = (float)norm == 1 ? xt : LatentMath.Scale(1 / norm, xt);
        var output = predictor.Predict(input, level.Timestep, cancellation);
        output.Validate("the network's output", xt.Shape);
        return CleanOf(xt, output, level, parameterization);
    }

    /// <summary>The clean latent that a network's output implies.</summary>
    /// <param name="xt">The noisy latent, on the level's scale.</param>
    /// <param name="output">eps or v, of xt's shape.</param>
    /// <param name="level">How much noise xt holds.</param>
    /// <param name="parameterization">What the output is.</param>
    internal static Latent CleanOf(Latent xt, Latent output, NoiseLevel level, Parameterization parameterization)
    {
        var (alpha, sigma) = (level.Alpha, level.Sigma);
        var norm = Math.Sqrt((alpha * alpha) + (sigma * sigma));
        // xt = α·x0 + σ·eps;  v = (α·eps − σ·x0) / norm
        return parameterization switch
        {
            Parameterization.V => LatentMath.Combine(alpha / (norm * norm), xt, -sigma / norm, output),
            _ when alpha == 0 => throw new DiffBirException(
                "A network that predicts eps says nothing about the image where the input is pure noise. Use a schedule without zero terminal SNR, or a network that predicts v."
            ),
            _ => LatentMath.Combine(1 / alpha, xt, -sigma / alpha, output),
        };
    }
}
