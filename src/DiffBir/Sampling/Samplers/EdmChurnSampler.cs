namespace DiffBir.Sampling.Samplers;

/// <summary>The solvers that may raise the noise level before each step (arXiv 2206.00364, Algorithm 2).</summary>
public abstract record EdmChurnSampler : EdmSampler
{
    private protected EdmChurnSampler() { }

    /// <summary>How much noise is added on the way, over all steps; 0 or more.</summary>
    [Option("s-churn", OptionGroup.Generation, "Noise added on the way, for samplers that have it.")]
    [AllowedRange(0)]
    public double SChurn { get; init; }

    /// <summary>The lowest noise level at which noise is added.</summary>
    [Option("s-tmin", OptionGroup.Generation, "The lowest noise level for churn.")]
    [AllowedRange(0)]
    public double STMin { get; init; }

    /// <summary>The highest noise level at which noise is added.</summary>
    [Option("s-tmax", OptionGroup.Generation, "The highest noise level for churn.")]
    [AllowedRange(0)]
    public double STMax { get; init; } = 300;

    /// <summary>The added noise's standard deviation, 1 by default.</summary>
    [Option("s-noise", OptionGroup.Generation, "The factor of added noise, for samplers that have it.")]
    [AllowedRange(0)]
    public double SNoise { get; init; } = 1;

    internal sealed override Latent Solve(KarrasContext context, Latent x)
    {
        for (var i = 0; i < context.Steps; i++)
        {
            (x, var sigma) = Churn(context, x, context.Sigmas[i]);
            var x0 = context.PredictClean(x, sigma, i);
            var d = EdmMath.ToDerivative(x, x0, sigma);
            x = Step(context, x, d, sigma, i);
            context.End(i, x0, x);
        }

        return x;
    }

    /// <summary>Goes to the next noise level.</summary>
    /// <param name="context">The way to the denoiser.</param>
    /// <param name="x">The latent at <paramref name="sigma"/>.</param>
    /// <param name="d">Its slope dx/dσ there.</param>
    /// <param name="sigma">The noise level, raised.</param>
    /// <param name="step">The step's index; the next noise level is the schedule's at <paramref name="step"/> + 1.</param>
    private protected abstract Latent Step(KarrasContext context, Latent x, Latent d, float sigma, int step);

    private (Latent X, float Sigma) Churn(KarrasContext context, Latent x, float sigma)
    {
        // Drawn in every step, used or not: the draws that follow keep the original's order.
        var noise = context.Normal(x);
        if (SChurn == 0 || sigma < STMin || sigma > STMax)
        {
            return (x, sigma);
        }

        var gamma = Math.Min(SChurn / context.Steps, Math.Sqrt(2) - 1);
        var raised = sigma * (float)(gamma + 1);
        var deviation = SNoise * MathF.Sqrt((raised * raised) - (sigma * sigma));
        return (LatentMath.AddScaled(x, deviation, noise), raised);
    }
}

/// <summary>Euler's method (arXiv 2206.00364, Algorithm 2 without the correction).</summary>
public sealed record EdmEuler : EdmChurnSampler
{
    private protected override Latent Step(KarrasContext context, Latent x, Latent d, float sigma, int step) =>
        LatentMath.AddScaled(x, context.Sigmas[step + 1] - sigma, d);
}

/// <summary>Heun's method (arXiv 2206.00364, Algorithm 2): two predictions a step, second order.</summary>
public sealed record EdmHeun : EdmChurnSampler
{
    internal override int PredictionsPerStep => 2;

    private protected override Latent Step(KarrasContext context, Latent x, Latent d, float sigma, int step)
    {
        var sigmaNext = context.Sigmas[step + 1];
        var dt = sigmaNext - sigma;
        var euler = LatentMath.AddScaled(x, dt, d);
        if (sigmaNext == 0)
        {
            return euler;
        }

        var x0 = context.PredictClean(euler, sigmaNext, step);
        var dNext = EdmMath.ToDerivative(euler, x0, sigmaNext);
        return LatentMath.AddScaled(x, dt, LatentMath.Combine(0.5, d, 0.5, dNext));
    }
}

/// <summary>A midpoint method after DPM-Solver-2 (arXiv 2206.00927): two predictions a step, second order.</summary>
public sealed record EdmDpm2 : EdmChurnSampler
{
    internal override int PredictionsPerStep => 2;

    private protected override Latent Step(KarrasContext context, Latent x, Latent d, float sigma, int step)
    {
        var sigmaNext = context.Sigmas[step + 1];
        if (sigmaNext == 0)
        {
            return LatentMath.AddScaled(x, -sigma, d);
        }

        var middle = EdmMath.MiddleOf(sigma, sigmaNext);
        var halfway = LatentMath.AddScaled(x, middle - sigma, d);
        var x0 = context.PredictClean(halfway, middle, step);
        var dMiddle = EdmMath.ToDerivative(halfway, x0, middle);
        return LatentMath.AddScaled(x, sigmaNext - sigma, dMiddle);
    }
}
