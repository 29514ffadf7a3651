namespace DiffBir.Sampling;

/// <summary>How much noise a latent holds at each timestep: q(xt | x0) = N(√ᾱ·x0, (1 − ᾱ)·I).</summary>
internal sealed class NoiseSchedule
{
    /// <summary>A schedule from its variances.</summary>
    /// <param name="betas">The variance that each timestep adds, each in (0, 1]; two at least.</param>
    /// <exception cref="DiffBirException">There are fewer than two, or one is outside (0, 1].</exception>
    public NoiseSchedule(params IEnumerable<double> betas)
    {
        double[] copy = [.. betas];
        if (copy.Length < 2 || copy.Any(beta => !(beta is > 0 and <= 1)))
        {
            throw new DiffBirException(
                $"A noise schedule needs two betas or more, each above 0 and at most 1; got {copy.Length} of them: {string.Join(", ", copy.Take(3))} …"
            );
        }

        var alphaBars = new double[copy.Length];
        var product = 1.0;
        for (var t = 0; t < copy.Length; t++)
        {
            product *= 1 - copy[t];
            alphaBars[t] = product;
        }

        (Betas, AlphaBars) = (copy, alphaBars);
    }

    /// <summary>The variance that each timestep adds.</summary>
    public IReadOnlyList<double> Betas { get; }

    /// <summary>ᾱ of each timestep, falling from almost 1 to almost 0, or to 0 with zero terminal SNR.</summary>
    public IReadOnlyList<double> AlphaBars { get; }

    /// <summary>The number of timesteps.</summary>
    public int Length => Betas.Count;

    /// <summary>Stable Diffusion's schedule: √β grows linearly. (Its configuration calls this "linear".)</summary>
    /// <param name="length">The number of timesteps.</param>
    /// <param name="betaStart">The first β.</param>
    /// <param name="betaEnd">The last β.</param>
    /// <param name="zeroTerminalSnr">Whether √ᾱ is shifted and scaled so that the last timestep is pure noise (arXiv 2305.08891, Algorithm 1).</param>
    public static NoiseSchedule ScaledLinear(
        int length = 1000,
        double betaStart = 0.00085,
        double betaEnd = 0.0120,
        bool zeroTerminalSnr = false
    )
    {
        var (first, last) = (Math.Sqrt(betaStart), Math.Sqrt(betaEnd));
        var step = (last - first) / (length - 1);
        var betas = new double[length];
        for (var t = 0; t < length; t++)
        {
            var root = t == length - 1 ? last : (t * step) + first;
            betas[t] = root * root;
        }

        var schedule = new NoiseSchedule(betas);
        return zeroTerminalSnr ? schedule.WithZeroTerminalSnr() : schedule;
    }

    /// <summary>A clean latent with noise added, as of a timestep: √ᾱ·x0 + √(1 − ᾱ)·noise.</summary>
    /// <param name="x0">The clean latent.</param>
    /// <param name="noise">Standard normal noise of the same shape.</param>
    /// <param name="timestep">From 0 to <see cref="Length"/> − 1.</param>
    /// <exception cref="DiffBirException">There is no such timestep.</exception>
    /// <exception cref="ShapeException">The noise has another shape.</exception>
    public Latent AddNoise(Latent x0, Latent noise, int timestep)
    {
        if (timestep < 0 || timestep >= Length)
        {
            throw new DiffBirException($"There is no timestep {timestep}; this schedule has 0 to {Length - 1}.");
        }

        noise.Validate("noise", x0.Shape);
        var alphaBar = AlphaBars[timestep];
        return LatentMath.Combine(Math.Sqrt(alphaBar), x0, Math.Sqrt(1 - alphaBar), noise);
    }

    private NoiseSchedule WithZeroTerminalSnr()
    {
        double[] roots = [.. AlphaBars.Select(Math.Sqrt)];
        var (first, last) = (roots[0], roots[^1]);
        var betas = new double[roots.Length];
        var previous = 1.0;
        for (var t = 0; t < roots.Length; t++)
        {
            var root = (roots[t] - last) * (first / (first - last));
            betas[t] = 1 - (root * root / previous);
            previous = root * root;
        }

        return new NoiseSchedule(betas);
    }
}
