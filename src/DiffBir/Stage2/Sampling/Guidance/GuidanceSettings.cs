namespace DiffBir.Stage2.Sampling.Guidance;

/// <summary>How strongly, when and how often restoration guidance moves the predicted clean latent.</summary>
public sealed record GuidanceSettings
{
    /// <summary>The dial between realism (0) and fidelity to the clean image; useful values are around 0.01 to 0.1.</summary>
    public double Scale { get; init; }

    /// <summary>Guidance applies at times t with stop &lt; t + 1 &lt; start; times run from 999 down to 0.</summary>
    public int Start { get; init; } = 1001;

    /// <summary>Guidance applies at times t with stop &lt; t + 1 &lt; start.</summary>
    public int Stop { get; init; } = -1;

    /// <summary>How many gradient steps are taken at each time; 1 or more.</summary>
    public int Repeat { get; init; } = 1;

    /// <summary>Checks the values.</summary>
    /// <exception cref="DiffBirException">A value is out of its range.</exception>
    public void Validate()
    {
        if (!double.IsFinite(Scale) || Scale < 0)
        {
            throw new DiffBirException(
                $"The guidance scale is {Scale}; it must be a finite number of 0 or more (--guidance-scale)."
            );
        }

        if (Repeat < 1)
        {
            throw new DiffBirException(
                $"Guidance is to repeat {Repeat} times; it must be 1 or more (--guidance-repeat)."
            );
        }

        if (Start <= Stop)
        {
            throw new DiffBirException(
                $"Guidance starts at {Start} and stops at {Stop}; times fall, so the start must be above the stop (--guidance-start, --guidance-stop)."
            );
        }
    }
}
