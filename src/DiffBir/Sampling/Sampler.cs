namespace DiffBir.Sampling;

/// <summary>A way from pure noise to a clean latent. Immutable; a run keeps its state to itself.</summary>
/// <remarks>The family is closed: <c>DiffBir.Sampling.Samplers</c> has all of them, each with just its own parameters.</remarks>
public abstract record Sampler
{
    private protected Sampler() { }

    /// <summary>How often a step asks the denoiser.</summary>
    internal virtual int PredictionsPerStep => 1;

    /// <summary>Samples a clean latent.</summary>
    /// <param name="denoiser">Predicts the clean latent; see <see cref="IDenoiser"/>.</param>
    /// <param name="start">The start [B,C,h,w]: standard normal noise, or a condition latent with the noise of the last timestep.</param>
    /// <param name="run">Schedule, steps, noise, progress and cancellation.</param>
    /// <returns>The clean latent, of the start's shape.</returns>
    /// <exception cref="DiffBirException">The number of steps is out of its range.</exception>
    /// <exception cref="OperationCanceledException">The run was cancelled.</exception>
    internal Latent Sample(IDenoiser denoiser, Latent start, SamplingRun run)
    {
        start.Validate("start", -1, -1, -1, -1);
        if (run.Steps < 1 || run.Steps > run.Schedule.Length)
        {
            throw new DiffBirException(
                $"The number of steps is {run.Steps}; it must be from 1 to {run.Schedule.Length} (--steps)."
            );
        }

        using var made = start.Store.Begin();
        return made.Keep(Run(new SamplingContext(denoiser, run, made), start));
    }

    private protected abstract Latent Run(SamplingContext context, Latent start);
}

/// <summary>A sampler's way to its denoiser and back to the caller.</summary>
/// <param name="denoiser">Predicts the clean latent.</param>
/// <param name="run">What the caller gave.</param>
/// <param name="made">The latents that the run has made.</param>
internal sealed class SamplingContext(IDenoiser denoiser, SamplingRun run, LatentStore.Scope made)
{
    public SamplingRun Run => run;

    public Latent PredictClean(Latent xt, NoiseLevel level)
    {
        run.Cancellation.ThrowIfCancellationRequested();
        var x0 = denoiser.PredictClean(xt, level, run.Cancellation);
        x0.Validate("x0", xt.Shape);
        return x0;
    }

    /// <summary>Ends a step: tells the caller of it, and frees every latent of the run but those that the next steps need.</summary>
    /// <param name="step">What was done.</param>
    /// <param name="kept">What the next steps need.</param>
    public void End(SamplingStep step, params ReadOnlySpan<Latent> kept)
    {
        run.OnStep?.Invoke(step);
        made.FreeAllBut(kept);
    }
}
