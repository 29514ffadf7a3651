namespace DiffBir.Sampling.Samplers;

/// <summary>DPM-Solver++(2M), multistep, of second order (Lu et al., arXiv 2211.01095), over evenly spaced continuous times.</summary>
public sealed record DpmPlusPlus2M : Sampler
{
    // With fewer steps than this the last one is of first order, for stability.
    private const int StepsForSecondOrderAtTheEnd = 10;

    private protected override Latent Run(SamplingContext context, Latent start)
    {
        var steps = context.Run.Steps;
        var points = DpmTimes.Plan(context.Run.Schedule, steps);
        var x = start;
        Latent? previous = null;
        for (var i = 0; i < steps; i++)
        {
            var (now, next) = (points[i], points[i + 1]);
            var x0 = context.PredictClean(x, now.LevelTowards(next));
            var firstOrder = i == steps - 1 && steps < StepsForSecondOrderAtTheEnd;
            var d = x0;
            if (previous is not null && !firstOrder)
            {
                var r = (now.Lambda - points[i - 1].Lambda) / (next.Lambda - now.Lambda);
                d = LatentMath.Combine(1 + (1 / (2 * r)), x0, -1 / (2 * r), previous);
            }

            // x = σ_next/σ · x − √ᾱ_next · (e^(−h) − 1) · d
            var phi = Math.Exp(now.Lambda - next.Lambda) - 1;
            x = LatentMath.Combine(next.Sigma / now.Sigma, x, -next.Alpha * phi, d);
            previous = x0;
            context.End(new(i + 1, steps, now.Timestep, x0), x, x0);
        }

        return x;
    }
}

/// <summary>A point in continuous time, t in [1/N, 1], between the schedule's timesteps.</summary>
/// <param name="Time">t; timestep i of N stands for (i + 1) / N.</param>
/// <param name="Timestep">What the network is told: 1000·(t − 1/N).</param>
/// <param name="LogAlpha">The logarithm of √ᾱ.</param>
internal readonly record struct DpmPoint(float Time, float Timestep, double LogAlpha)
{
    public double Alpha => Math.Exp(LogAlpha);

    public double Sigma => Math.Sqrt(1 - Math.Exp(2 * LogAlpha));

    /// <summary>Half the logarithm of the signal-to-noise ratio.</summary>
    public double Lambda => LogAlpha - Math.Log(Sigma);

    public NoiseLevel LevelTowards(DpmPoint next) => NoiseLevel.Of(Timestep, Math.Exp(2 * LogAlpha), Math.Exp(2 * next.LogAlpha));
}

/// <summary>The points of <see cref="DpmPlusPlus2M"/>: the schedule in logarithms, interpolated.</summary>
/// <remarks>In 32 bits where the original is: the network is told these times, and they differ visibly in 64.</remarks>
internal static class DpmTimes
{
    // Timesteps with half a log-SNR below this are left out, among them pure noise, whose logarithm is infinite.
    private const double MinLambda = -5.1;

    /// <summary>The points from t = 1 down to t = 1/N, one more than there are steps.</summary>
    public static IReadOnlyList<DpmPoint> Plan(NoiseSchedule schedule, int steps)
    {
        var logAlphas = LogAlphas(schedule);
        var (first, last) = (1f, (float)(1.0 / logAlphas.Count));
        var points = new DpmPoint[steps + 1];
        for (var i = 0; i <= steps; i++)
        {
            var time = Linspace(first, last, steps + 1, i);
            var timestep = (time - last) * 1000f;
            points[i] = new DpmPoint(time, timestep, Interpolate(logAlphas, time));
        }

        return points;
    }

    /// <summary>log √ᾱ of the timesteps that are used, N of them.</summary>
    public static IReadOnlyList<float> LogAlphas(NoiseSchedule schedule)
    {
        var logAlphas = new List<float>(schedule.Length);
        var sum = 0.0;
        foreach (var beta in schedule.Betas)
        {
            sum += MathF.Log(1f - (float)beta);
            var logAlpha = 0.5f * (float)sum;
            var lambda = logAlpha - (0.5 * Math.Log(1 - Math.Exp(2.0 * logAlpha)));
            if (lambda < MinLambda)
            {
                break;
            }

            logAlphas.Add(logAlpha);
        }

        return logAlphas;
    }

    // torch.linspace, which counts from the nearer end; to the last bit up to 15 points, where it is not vectorized.
    private static float Linspace(float first, float last, int count, int index)
    {
        var step = (last - first) / (count - 1);
        return index < count / 2
            ? MathF.FusedMultiplyAdd(step, index, first)
            : MathF.FusedMultiplyAdd(-step, count - 1 - index, last);
    }

    private static double Interpolate(IReadOnlyList<float> logAlphas, double time)
    {
        var position = (time * logAlphas.Count) - 1;
        var below = Math.Clamp((int)Math.Floor(position), 0, logAlphas.Count - 2);
        return logAlphas[below] + ((position - below) * (logAlphas[below + 1] - (double)logAlphas[below]));
    }
}
