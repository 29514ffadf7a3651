namespace DiffBir.Sampling.Samplers;

/// <summary>DPM-Solver++(2M), multistep, of second order (arXiv 2211.01095); deterministic.</summary>
public sealed record EdmDpmPlusPlus2M : EdmSampler
{
    internal override Latent Solve(KarrasContext context, Latent x)
    {
        Latent? previous = null;
        for (var i = 0; i < context.Steps; i++)
        {
            var (sigma, sigmaNext) = (context.Sigmas[i], context.Sigmas[i + 1]);
            var x0 = context.PredictClean(x, sigma, i);
            var d = x0;
            if (previous is not null && sigmaNext > 0)
            {
                var r = Math.Log(context.Sigmas[i - 1] / sigma) / Math.Log(sigma / sigmaNext);
                d = LatentMath.Combine(1 + (1 / (2 * r)), x0, -1 / (2 * r), previous);
            }

            x = EdmMath.Exponential(x, d, sigma, sigmaNext);
            previous = x0;
            context.End(i, x0, x, x0);
        }

        return x;
    }
}

/// <summary>DPM-Solver++(2M) for the stochastic equation, over a Brownian path.</summary>
public sealed record EdmDpmPlusPlus2MSde : EdmAncestralSampler
{
    internal override Latent Solve(KarrasContext context, Latent x)
    {
        var path = context.Brownian(x);
        Latent? previous = null;
        var hPrevious = 0.0;
        for (var i = 0; i < context.Steps; i++)
        {
            var (sigma, sigmaNext) = (context.Sigmas[i], context.Sigmas[i + 1]);
            var x0 = context.PredictClean(x, sigma, i);
            if (sigmaNext == 0)
            {
                x = x0;
            }
            else
            {
                var h = Math.Log((double)sigma / sigmaNext);
                var phi = -EdmMath.Expm1(-h - (Eta * h));
                x = LatentMath.Combine(sigmaNext / sigma * Math.Exp(-Eta * h), x, phi, x0);
                if (previous is not null)
                {
                    var d = LatentMath.DividedDifference(x0, previous, hPrevious / h);
                    x = LatentMath.AddScaled(x, 0.5 * phi, d);
                }

                x = EdmMath.AddNoise(x, this, sigma, sigmaNext, path);
                hPrevious = h;
            }

            previous = x0;
            context.End(i, x0, x, x0);
        }

        return x;
    }
}

/// <summary>DPM-Solver++(3M) for the stochastic equation, over a Brownian path. The choice for v2.1.</summary>
public sealed record EdmDpmPlusPlus3MSde : EdmAncestralSampler
{
    private const int Memory = 2; // steps before, for the third order

    internal override Latent Solve(KarrasContext context, Latent x)
    {
        var path = context.Brownian(x);
        var before = new List<(Latent X0, double H)>(); // the latest first
        for (var i = 0; i < context.Steps; i++)
        {
            var (sigma, sigmaNext) = (context.Sigmas[i], context.Sigmas[i + 1]);
            var x0 = context.PredictClean(x, sigma, i);
            if (sigmaNext == 0)
            {
                x = x0;
            }
            else
            {
                var h = Math.Log((double)sigma / sigmaNext);
                var hEta = h * (Eta + 1);
                x = LatentMath.Combine(Math.Exp(-hEta), x, -EdmMath.Expm1(-hEta), x0);
                x = Correct(x, x0, h, hEta, before);
                x = EdmMath.AddNoise(x, this, sigma, sigmaNext, path);
                Remember(before, (x0, h));
            }

            context.End(i, x0, [x, .. before.Select(step => step.X0)]);
        }

        return x;
    }

    private static void Remember<T>(List<T> before, T latest)
    {
        before.Insert(0, latest);
        if (before.Count > Memory)
        {
            before.RemoveAt(Memory);
        }
    }

    // The terms of second and third order, from the clean latents of the steps before.
    private static Latent Correct(Latent x, Latent x0, double h, double hEta, List<(Latent X0, double H)> before)
    {
        if (before.Count == 0)
        {
            return x;
        }

        var phi2 = (EdmMath.Expm1(-hEta) / hEta) + 1;
        var r0 = before[0].H / h;
        var d0 = LatentMath.DividedDifference(x0, before[0].X0, r0);
        if (before.Count == 1)
        {
            return LatentMath.AddScaled(x, phi2, d0);
        }

        var phi3 = (phi2 / hEta) - 0.5;
        var r1 = before[1].H / h;
        var d1 = LatentMath.DividedDifference(before[0].X0, before[1].X0, r1);
        var d2 = LatentMath.DividedDifference(d0, d1, r0 + r1);
        x = LatentMath.AddScaled(x, phi2, LatentMath.AddScaled(d0, r0, d2));
        return LatentMath.AddScaled(x, -phi3, d2);
    }
}

/// <summary>The linear multistep method of Adams and Bashforth over noise levels.</summary>
public sealed record EdmLms : EdmSampler
{
    /// <summary>What four nodes integrate exactly.</summary>
    internal const int MaxOrder = 8;

    // Gauss and Legendre's nodes and weights on [−1, 1].
    private static readonly (double Node, double Weight)[] Quadrature =
    [
        (-0.8611363115940526, 0.3478548451374538),
        (-0.3399810435848563, 0.6521451548625461),
        (0.3399810435848563, 0.6521451548625461),
        (0.8611363115940526, 0.3478548451374538),
    ];

    /// <summary>How many slopes a step uses, 1 (Euler's method) to 8.</summary>
    [Option("order", OptionGroup.Generation, "The order of edm_lms.")]
    [AllowedRange(1, MaxOrder)]
    public int Order { get; init; } = 1;

    internal override Latent Solve(KarrasContext context, Latent x)
    {
        var slopes = new List<Latent>(); // the latest first
        for (var i = 0; i < context.Steps; i++)
        {
            var x0 = context.PredictClean(x, context.Sigmas[i], i);
            slopes.Insert(0, EdmMath.ToDerivative(x, x0, context.Sigmas[i]));
            if (slopes.Count > Order)
            {
                slopes.RemoveAt(Order);
            }

            var sum = LatentMath.Scale(Coefficient(context.Sigmas, i, 0, slopes.Count), slopes[0]);
            for (var j = 1; j < slopes.Count; j++)
            {
                var coefficient = Coefficient(context.Sigmas, i, j, slopes.Count);
                sum = LatentMath.AddScaled(sum, coefficient, slopes[j]);
            }

            x = LatentMath.AddScaled(x, 1, sum);
            context.End(i, x0, [x, .. slopes]);
        }

        return x;
    }

    // The integral from σ_i to σ_{i+1} of the polynomial that is 1 at σ_{i−j} and 0 at the other slopes' levels.
    private static double Coefficient(float[] sigmas, int i, int j, int order)
    {
        var (middle, half) = (((double)sigmas[i] + sigmas[i + 1]) / 2, ((double)sigmas[i + 1] - sigmas[i]) / 2);
        var integral = 0.0;
        foreach (var (node, weight) in Quadrature)
        {
            var product = weight * half;
            for (var k = 0; k < order; k++)
            {
                if (k != j)
                {
                    product *= (middle + (half * node) - sigmas[i - k]) / ((double)sigmas[i - j] - sigmas[i - k]);
                }
            }

            integral += product;
        }

        return integral;
    }
}
