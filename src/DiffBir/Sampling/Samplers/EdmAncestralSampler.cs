namespace DiffBir.Sampling.Samplers;

/// <summary>The solvers that go further down than the next noise level and come back up with new noise.</summary>
public abstract record EdmAncestralSampler : EdmSampler
{
    private protected EdmAncestralSampler() { }

    /// <summary>How much of the noise is new in each step: 0 none (deterministic), 1 as in ancestral sampling.</summary>
    [Option("eta", OptionGroup.Generation, "The share of new noise in each step, for samplers that have it.")]
    [AllowedRange(0)]
    public double Eta { get; init; } = 1;

    /// <summary>The new noise's standard deviation, 1 by default.</summary>
    [Option("s-noise", OptionGroup.Generation, "The factor of added noise, for samplers that have it.")]
    [AllowedRange(0)]
    public double SNoise { get; init; } = 1;
}

/// <summary>Euler's method with ancestral noise.</summary>
public sealed record EdmEulerAncestral : EdmAncestralSampler
{
    internal override Latent Solve(KarrasContext context, Latent x)
    {
        for (var i = 0; i < context.Steps; i++)
        {
            var (sigma, sigmaNext) = (context.Sigmas[i], context.Sigmas[i + 1]);
            var x0 = context.PredictClean(x, sigma, i);
            var (down, up) = EdmMath.AncestralStep(sigma, sigmaNext, Eta);
            x = LatentMath.AddScaled(x, down - sigma, EdmMath.ToDerivative(x, x0, sigma));
            if (sigmaNext > 0)
            {
                x = LatentMath.AddScaled(x, SNoise * up, context.Normal(x));
            }

            context.End(i, x0, x);
        }

        return x;
    }
}

/// <summary>A midpoint method after DPM-Solver-2 with ancestral noise: two predictions a step.</summary>
public sealed record EdmDpm2Ancestral : EdmAncestralSampler
{
    internal override int PredictionsPerStep => 2;

    internal override Latent Solve(KarrasContext context, Latent x)
    {
        for (var i = 0; i < context.Steps; i++)
        {
            var sigma = context.Sigmas[i];
            var x0 = context.PredictClean(x, sigma, i);
            var (down, up) = EdmMath.AncestralStep(sigma, context.Sigmas[i + 1], Eta);
            var d = EdmMath.ToDerivative(x, x0, sigma);
            if (down == 0)
            {
                x = LatentMath.AddScaled(x, -sigma, d);
            }
            else
            {
                var middle = EdmMath.MiddleOf(sigma, down);
                var halfway = LatentMath.AddScaled(x, middle - sigma, d);
                var dMiddle = EdmMath.ToDerivative(halfway, context.PredictClean(halfway, middle, i), middle);
                x = LatentMath.AddScaled(x, down - sigma, dMiddle);
                x = LatentMath.AddScaled(x, SNoise * up, context.Normal(x));
            }

            context.End(i, x0, x);
        }

        return x;
    }
}

/// <summary>DPM-Solver++(2S), singlestep (arXiv 2211.01095), with ancestral noise: two predictions a step.</summary>
public sealed record EdmDpmPlusPlus2SAncestral : EdmAncestralSampler
{
    internal override int PredictionsPerStep => 2;

    internal override Latent Solve(KarrasContext context, Latent x)
    {
        for (var i = 0; i < context.Steps; i++)
        {
            var (sigma, sigmaNext) = (context.Sigmas[i], context.Sigmas[i + 1]);
            var x0 = context.PredictClean(x, sigma, i);
            var (down, up) = EdmMath.AncestralStep(sigma, sigmaNext, Eta);
            var d = x0;
            if (down > 0)
            {
                var middle = EdmMath.MiddleOf(sigma, down);
                d = context.PredictClean(EdmMath.Exponential(x, x0, sigma, middle), middle, i);
            }

            x = EdmMath.Exponential(x, d, sigma, down);
            if (sigmaNext > 0)
            {
                x = LatentMath.AddScaled(x, SNoise * up, context.Normal(x));
            }

            context.End(i, x0, x);
        }

        return x;
    }
}

/// <summary>DPM-Solver++ for the stochastic equation, over a Brownian path: two predictions a step.</summary>
public sealed record EdmDpmPlusPlusSde : EdmAncestralSampler
{
    internal override int PredictionsPerStep => 2;

    internal override Latent Solve(KarrasContext context, Latent x)
    {
        var path = context.Brownian(x);
        for (var i = 0; i < context.Steps; i++)
        {
            var sigma = context.Sigmas[i];
            var x0 = context.PredictClean(x, sigma, i);
            if (context.Sigmas[i + 1] == 0)
            {
                x = x0;
            }
            else
            {
                // Levels go through their logarithm first, as in the original: at σ = 10,000 the last bit counts.
                var (from, to) = (OfLog(sigma), OfLog(context.Sigmas[i + 1]));
                var middle = EdmMath.MiddleOf(sigma, context.Sigmas[i + 1]);
                var halfway = AncestralStep(x, x0, from, middle, path);
                x = AncestralStep(x, context.PredictClean(halfway, middle, i), from, to, path);
            }

            context.End(i, x0, x);
        }

        return x;
    }

    private Latent AncestralStep(Latent x, Latent x0, float sigma, float sigmaNext, Randomness.IBrownianPath path)
    {
        var (down, up) = EdmMath.AncestralStep(sigma, sigmaNext, Eta);
        return LatentMath.AddScaled(EdmMath.Exponential(x, x0, sigma, down), SNoise * up, path.Step(sigma, sigmaNext, x));
    }

    private static float OfLog(float sigma) => MathF.Exp(MathF.Log(sigma));
}
