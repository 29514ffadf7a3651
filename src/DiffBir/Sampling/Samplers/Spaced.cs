namespace DiffBir.Sampling.Samplers;

/// <summary>Ancestral sampling over evenly spaced timesteps (Nichol and Dhariwal, arXiv 2102.09672). The choice for v1 and v2.</summary>
public sealed record Spaced : Sampler
{
    private protected override Latent Run(SamplingContext context, Latent start)
    {
        var steps = SpacedStep.Plan(context.Run.Schedule, context.Run.Steps);
        var x = start;
        for (var i = 0; i < steps.Count; i++)
        {
            var step = steps[i];
            var x0 = context.PredictClean(x, step.Level);
            x = LatentMath.Combine(step.Level.CleanWeight, x0, step.NoisyWeight, x);
            // Drawn in the last step too, where it has no weight: the original draws it, and the next sample's draws follow.
            var noise = context.Run.Noise.Normal(x);
            if (i < steps.Count - 1)
            {
                x = LatentMath.AddScaled(x, step.Deviation, noise);
            }

            context.End(new(i + 1, steps.Count, step.Level.Timestep, x0), x);
        }

        return x;
    }
}

/// <summary>One step of <see cref="Spaced"/>: q(x_next | xt, x0) = N(CleanWeight·x0 + NoisyWeight·xt, Deviation²·I).</summary>
internal sealed record SpacedStep(NoiseLevel Level, double NoisyWeight, double Deviation)
{
    /// <summary>The steps from the noisiest to the cleanest.</summary>
    public static IReadOnlyList<SpacedStep> Plan(NoiseSchedule schedule, int steps)
    {
        var plan = new List<SpacedStep>();
        var alphaBarNext = 1.0;
        foreach (var timestep in Timesteps(schedule.Length, steps))
        {
            var alphaBar = schedule.AlphaBars[timestep];
            var alpha = alphaBar / alphaBarNext;
            var rest = 1 - alphaBarNext;
            plan.Add(
                new SpacedStep(
                    NoiseLevel.Of(timestep, alphaBar, alphaBarNext),
                    rest * Math.Sqrt(alpha) / (1 - alphaBar),
                    Math.Sqrt((1 - alpha) * rest / (1 - alphaBar))
                )
            );
            alphaBarNext = alphaBar;
        }

        plan.Reverse();
        return plan;
    }

    // Ascending, from 0 to length − 1.
    private static SortedSet<int> Timesteps(int length, int steps)
    {
        if (steps == 1)
        {
            // Differs from the reference: it fails (docs/quirks.md#step-counts-that-fail).
            return [length - 1];
        }

        var stride = (length - 1.0) / (steps - 1);
        var position = 0.0;
        var timesteps = new SortedSet<int>();
        for (var i = 0; i < steps; i++)
        {
            timesteps.Add((int)Math.Round(position, MidpointRounding.ToEven));
            position += stride; // accumulated on purpose: its rounding decides ties
        }

        return timesteps;
    }
}
