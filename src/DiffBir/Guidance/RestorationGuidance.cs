using DiffBir.Sampling;

namespace DiffBir.Guidance;

/// <summary>
/// Region-adaptive restoration guidance (arXiv 2308.15070, section 3.4): moves the predicted clean latent along the negative
/// gradient of a loss that compares it with the clean image of stage 1.
/// </summary>
/// <remarks>
/// The step is scale · 3000 · gradient, divided by the weight that x0 has in the mean of the next latent
/// (<see cref="NoiseLevel.CleanWeight"/>): so the next latent moves as far whatever the sampler's step. The original
/// has this for its spaced sampler; here it holds for every sampler.
/// </remarks>
/// <param name="denoiser">Predicts the clean latent.</param>
/// <param name="loss">The loss.</param>
/// <param name="settings">Strength, times and repetitions.</param>
/// <param name="onGuided">Told of each time at which guidance was applied.</param>
internal sealed class RestorationGuidance(
    IDenoiser denoiser,
    IGuidanceLoss loss,
    GuidanceSettings settings,
    Action<GuidedStep>? onGuided = null
) : IDenoiser
{
    private const double StepPerScale = 3000; // the original's unit of the scale

    /// <inheritdoc/>
    public Latent PredictClean(Latent xt, NoiseLevel level, CancellationToken cancellation)
    {
        var x0 = denoiser.PredictClean(xt, level, cancellation);
        var now = (int)level.Timestep + 1;
        if (settings.Scale == 0 || now <= settings.Stop || now >= settings.Start)
        {
            return x0;
        }

        var losses = 0.0;
        for (var i = 0; i < settings.Repeat; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            var (value, gradient) = loss.Evaluate(x0);
            gradient.Validate("the guidance gradient", x0.Shape);
            var step = settings.Scale * StepPerScale / level.CleanWeight;
            x0 = LatentMath.AddScaled(x0, -step, gradient);
            losses += value;
        }

        onGuided?.Invoke(new GuidedStep(level.Timestep, losses / settings.Repeat));
        return x0;
    }
}

/// <summary>A time at which restoration guidance was applied.</summary>
/// <param name="Timestep">The time that the network was told.</param>
/// <param name="Loss">The loss before the move; the mean where it was repeated.</param>
internal readonly record struct GuidedStep(double Timestep, double Loss);
