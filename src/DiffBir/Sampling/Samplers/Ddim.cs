namespace DiffBir.Sampling.Samplers;

/// <summary>Deterministic implicit sampling, η = 0 (Song et al., arXiv 2010.02502).</summary>
public sealed record Ddim : Sampler
{
    private protected override Latent Run(SamplingContext context, Latent start)
    {
        var levels = Plan(context.Run.Schedule, context.Run.Steps);
        var x = start;
        for (var i = 0; i < levels.Count; i++)
        {
            var (level, alphaBarNext) = levels[i];
            var x0 = context.PredictClean(x, level);
            // eps = (xt − √ᾱ·x0) / √(1 − ᾱ);  x_next = √ᾱ_next·x0 + √(1 − ᾱ_next)·eps
            var noiseRatio = Math.Sqrt(1 - alphaBarNext) / level.Sigma;
            var cleanWeight = Math.Sqrt(alphaBarNext) - (noiseRatio * level.Alpha);
            x = LatentMath.Combine(cleanWeight, x0, noiseRatio, x);
            // η = 0 gives noise no weight; the original draws it all the same, and the next sample's draws follow.
            _ = context.Run.Noise.Normal(x);
            context.End(new(i + 1, levels.Count, level.Timestep, x0), x);
        }

        return x;
    }

    /// <summary>The steps from the noisiest to the cleanest: the level to leave and ᾱ of the level to reach.</summary>
    internal static IReadOnlyList<(NoiseLevel Level, double AlphaBarNext)> Plan(NoiseSchedule schedule, int steps)
    {
        // A whole-numbered stride: there may be more steps than were asked for.
        var stride = schedule.Length / steps;
        var plan = new List<(NoiseLevel, double)>();
        var next = 0;
        for (var start = 0; start < schedule.Length; start += stride)
        {
            // Differs from the reference: it asks for a timestep after the last and fails (docs/quirks.md#step-counts-that-fail).
            var timestep = Math.Min(start + 1, schedule.Length - 1);
            if (timestep == next)
            {
                break;
            }

            var (alphaBar, alphaBarNext) = (schedule.AlphaBars[timestep], schedule.AlphaBars[next]);
            plan.Add((NoiseLevel.Of(timestep, alphaBar, alphaBarNext), alphaBarNext));
            next = timestep;
        }

        plan.Reverse();
        return plan;
    }
}
