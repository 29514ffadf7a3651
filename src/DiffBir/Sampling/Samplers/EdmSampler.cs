namespace DiffBir.Sampling.Samplers;

/// <summary>The solvers of k-diffusion (Karras et al., arXiv 2206.00364): xt = x0 + σ·eps, over falling noise levels σ.</summary>
public abstract record EdmSampler : Sampler
{
    private protected EdmSampler() { }

    private protected sealed override Latent Run(SamplingContext context, Latent start)
    {
        var schedule = SigmaSchedule.Plan(context.Run.Schedule, context.Run.Steps);
        var first = (double)schedule.Sigmas[0];
        return Solve(new KarrasContext(context, schedule), LatentMath.Scale(Math.Sqrt(1 + (first * first)), start));
    }

    /// <summary>Goes down the whole schedule.</summary>
    /// <param name="context">The schedule and the way to the denoiser.</param>
    /// <param name="x">The latent at the schedule's first noise level.</param>
    internal abstract Latent Solve(KarrasContext context, Latent x);
}

/// <summary>The noise levels of a run, falling, the last of them 0, and the timesteps that stand for them.</summary>
internal sealed record SigmaSchedule(float[] Sigmas, int[] Timesteps)
{
    // The first ᾱ, whatever the schedule says: σ = 10,000 (docs/quirks.md#edms-first-noise-level).
    private const double FirstAlphaBar = 1e-8;

    public int Steps => Sigmas.Length - 1;

    public static SigmaSchedule Plan(NoiseSchedule schedule, int steps)
    {
        var sigmas = new float[steps + 1];
        var timesteps = new int[steps + 1];
        var last = schedule.Length - 1.0;
        for (var i = 0; i < steps; i++)
        {
            timesteps[i] = (int)((i * (-last / steps)) + last);
            var alphaBar = i == 0 ? FirstAlphaBar : schedule.AlphaBars[timesteps[i]];
            sigmas[i] = (float)Math.Sqrt((1 - alphaBar) / alphaBar);
        }

        return new SigmaSchedule(sigmas, timesteps);
    }

    /// <summary>The timestep of the nearest of the schedule's own noise levels, 0 among them.</summary>
    public int TimestepNear(float sigma)
    {
        var nearest = 0;
        for (var i = 1; i < Sigmas.Length; i++)
        {
            if (MathF.Abs(sigma - Sigmas[i]) < MathF.Abs(sigma - Sigmas[nearest]))
            {
                nearest = i;
            }
        }

        return Timesteps[nearest];
    }
}

/// <summary>What the solvers share: the denoiser at a noise level, noise, and the end of a step.</summary>
/// <remarks>
/// Noise levels and what is computed from them alone are 32-bit numbers, as in the original. At σ = 10,000 an
/// ancestral step is a difference of nearly equal numbers, so that 64 bits would visibly change the image
/// (docs/quirks.md#edms-first-noise-level).
/// </remarks>
internal sealed class KarrasContext(SamplingContext context, SigmaSchedule schedule)
{
    public int Steps => schedule.Steps;

    public float[] Sigmas => schedule.Sigmas;

    /// <summary>Predicts the clean latent at a noise level during a step.</summary>
    public Latent PredictClean(Latent x, float sigma, int step)
    {
        var weight = NoiseLevel.WeightOfClean(AlphaBar(Sigmas[step]), AlphaBar(Sigmas[step + 1]));
        return context.PredictClean(x, new NoiseLevel(schedule.TimestepNear(sigma), 1, sigma, weight));
    }

    public Latent Normal(Latent x) => context.Run.Noise.Normal(x);

    /// <summary>The Brownian path between the schedule's highest and its lowest positive noise level.</summary>
    public Randomness.IBrownianPath Brownian(Latent x) =>
        context.Run.Noise.Brownian(Sigmas.Where(sigma => sigma > 0).Min(), Sigmas.Max(), x.Length);

    /// <summary>Ends a step; see <see cref="SamplingContext.End"/>.</summary>
    /// <param name="step">Its index.</param>
    /// <param name="x0">The clean latent as predicted in it.</param>
    /// <param name="kept">What the next steps need.</param>
    public void End(int step, Latent x0, params ReadOnlySpan<Latent> kept) =>
        context.End(new(step + 1, Steps, schedule.TimestepNear(Sigmas[step]), x0), kept);

    private static double AlphaBar(double sigma) => 1 / (1 + (sigma * sigma));
}

/// <summary>The 32-bit arithmetic of noise levels.</summary>
internal static class EdmMath
{
    /// <summary>Halfway between two noise levels on the logarithmic scale.</summary>
    public static float MiddleOf(float sigma, float sigmaNext)
    {
        var (from, to) = (MathF.Log(sigma), MathF.Log(sigmaNext));
        return MathF.Exp(to - ((to - from) * 0.5f));
    }

    /// <summary>Splits an ancestral step: the noise level to go down to, and the noise to add there.</summary>
    public static (float Down, float Up) AncestralStep(float sigma, float sigmaNext, double eta)
    {
        if (eta == 0)
        {
            return (sigmaNext, 0);
        }

        var (from, to) = (sigma * sigma, sigmaNext * sigmaNext);
        var up = Math.Min(sigmaNext, (float)eta * MathF.Sqrt(to * (from - to) / from));
        return (MathF.Sqrt(to - (up * up)), up);
    }

    /// <summary>The derivative dx/dσ of the probability flow: (x − x0) / σ (arXiv 2206.00364, equation 3).</summary>
    public static Latent ToDerivative(Latent x, Latent x0, float sigma) => LatentMath.DividedDifference(x, x0, sigma);

    /// <summary>The exact step to another noise level while x0 stays what it is: x0 + σ_next/σ·(x − x0).</summary>
    public static Latent Exponential(Latent x, Latent x0, float sigma, float sigmaNext)
    {
        var ratio = (double)sigmaNext / sigma;
        return LatentMath.Combine(ratio, x, 1 - ratio, x0);
    }

    /// <summary>The noise of a step of a stochastic multistep solver.</summary>
    public static Latent AddNoise(
        Latent x,
        EdmAncestralSampler sampler,
        float sigma,
        float sigmaNext,
        Randomness.IBrownianPath path
    )
    {
        if (sampler.Eta == 0)
        {
            return x;
        }

        var h = Math.Log((double)sigma / sigmaNext);
        var deviation = sigmaNext * Math.Sqrt(-Expm1(-2 * h * sampler.Eta)) * sampler.SNoise;
        return LatentMath.AddScaled(x, deviation, path.Step(sigma, sigmaNext, x));
    }

    /// <summary>e^x − 1 without the loss of digits near 0.</summary>
    public static double Expm1(double x) => Math.Abs(x) < 1e-5 ? x + (x * x / 2) : Math.Exp(x) - 1;
}
