namespace DiffBir.Sampling;

/// <summary>Classifier-free guidance (Ho and Salimans, arXiv 2207.12598): uncond + scale · (cond − uncond).</summary>
/// <param name="network">The network.</param>
/// <param name="condition">The condition with the prompt.</param>
/// <param name="uncondition">The condition with the negative prompt; null: no guidance, one evaluation.</param>
/// <param name="scale">The strength.</param>
/// <param name="inOneBatch">Whether both are evaluated as one batch of twice the size: faster on some machines, more memory everywhere.</param>
internal sealed class ClassifierFreeGuidance(
    INoisePredictor network,
    DenoiserCondition condition,
    DenoiserCondition? uncondition,
    CfgScale scale,
    bool inOneBatch = false
) : IGuidedPredictor
{
    /// <summary>The timesteps at which it acts.</summary>
    public CfgInterval Interval { get; init; } = CfgInterval.Everything;

    /// <inheritdoc/>
    public Latent Predict(Latent xt, double timestep, CancellationToken cancellation)
    {
        var now = scale.At(timestep);
        if (uncondition is null || now == 1 || !Interval.Contains(timestep))
        {
            return network.Predict(xt, timestep, condition, cancellation);
        }

        var (cond, uncond) = inOneBatch
            ? PredictBatch(xt, timestep, cancellation)
            : (network.Predict(xt, timestep, condition, cancellation), network.Predict(xt, timestep, uncondition, cancellation));
        return LatentMath.Extrapolate(uncond, cond, now);
    }

    private (Latent Cond, Latent Uncond) PredictBatch(Latent xt, double timestep, CancellationToken cancellation)
    {
        var both = network.Predict(
            LatentMath.Stack(xt, xt),
            timestep,
            DenoiserCondition.Stack(condition, uncondition!),
            cancellation
        );
        return LatentMath.Halve(both);
    }
}
