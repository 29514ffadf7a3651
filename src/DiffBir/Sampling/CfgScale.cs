namespace DiffBir.Sampling;

/// <summary>How strongly classifier-free guidance pulls away from the negative prompt, over time.</summary>
/// <param name="Value">1 leaves the negative prompt out; above 1 the prompt is exaggerated.</param>
/// <param name="Rescale">Whether and when the scale starts near 1 and grows to <paramref name="Value"/> + 1.</param>
internal readonly record struct CfgScale(double Value, CfgRescale Rescale = CfgRescale.Never)
{
    // Hard-coded in the original, whatever the schedule's length (docs/quirks.md#cfg-rescale).
    private const double Timesteps = 1000;

    /// <summary>The scale at a time.</summary>
    /// <param name="timestep">The time that the network is told.</param>
    public double At(double timestep)
    {
        if (Rescale == CfgRescale.Never || (Rescale == CfgRescale.AboveOne && Value <= 1))
        {
            return Value;
        }

        var progress = Math.Pow((Timesteps - timestep) / Timesteps, 5);
        return 1 + (Value * (1 - Math.Cos(Math.PI * progress)) / 2);
    }
}

/// <summary>When the scale of classifier-free guidance grows during sampling.</summary>
internal enum CfgRescale
{
    /// <summary>It stays.</summary>
    Never,

    /// <summary>It grows where it is above 1: what the original does with all samplers but one.</summary>
    AboveOne,

    /// <summary>It grows always: what the original does with <c>dpm++_m2</c>.</summary>
    Always,
}

/// <summary>The timesteps at which classifier-free guidance acts (Kynkäänniemi et al., arXiv 2404.07724): elsewhere the network runs once, with the prompt alone.</summary>
/// <param name="Start">It acts below this timestep.</param>
/// <param name="Stop">It acts above this timestep.</param>
internal readonly record struct CfgInterval(int Start, int Stop)
{
    /// <summary>Every timestep.</summary>
    public static CfgInterval Everything { get; } = new(1001, -1);

    /// <summary>Whether guidance acts at a time.</summary>
    /// <param name="timestep">The time that the network is told.</param>
    public bool Contains(double timestep) => timestep < Start && timestep > Stop;

    /// <summary>The share of a schedule's timesteps in which guidance acts.</summary>
    /// <param name="timesteps">The number of timesteps of the schedule.</param>
    internal double ShareOf(int timesteps) => Math.Max(0, Math.Min(Start, timesteps) - Math.Max(Stop + 1, 0)) / (double)timesteps;
}
