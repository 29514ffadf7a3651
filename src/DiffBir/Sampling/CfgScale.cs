namespace DiffBir.Sampling;

/// <summary>How strongly classifier-free guidance pulls away from the negative prompt, over time.</summary>
/// <param name="Value">1 leaves the negative prompt out; above 1 the prompt is exaggerated.</param>
/// <param name="Rescale">Whether and when the scale starts near 1 and grows to <paramref name="Value"/> + 1.</param>
public readonly record struct CfgScale(double Value, CfgRescale Rescale = CfgRescale.Never)
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
        return 1 + Value * (1 - Math.Cos(Math.PI * progress)) / 2;
    }
}

/// <summary>When the scale of classifier-free guidance grows during sampling.</summary>
public enum CfgRescale
{
    /// <summary>It stays.</summary>
    Never,

    /// <summary>It grows where it is above 1: what the original does with all samplers but one.</summary>
    AboveOne,

    /// <summary>It grows always: what the original does with <c>dpm++_m2</c>.</summary>
    Always,
}
