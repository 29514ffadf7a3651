using DiffBir.Randomness;

namespace DiffBir.Sampling;

/// <summary>Everything that one run of a sampler needs besides the denoiser and the start.</summary>
internal sealed record SamplingRun
{
    /// <summary>The schedule that the network was trained with.</summary>
    public required NoiseSchedule Schedule { get; init; }

    /// <summary>How many steps to take, from 1 to the schedule's length. The second-order samplers ask the denoiser twice a step.</summary>
    public required int Steps { get; init; }

    /// <summary>Where the noise of the steps comes from.</summary>
    public required INoiseSource Noise { get; init; }

    /// <summary>Called after each step, on the sampler's thread.</summary>
    public Action<SamplingStep>? OnStep { get; init; }

    /// <summary>Ends the run between two predictions with an <see cref="OperationCanceledException"/>.</summary>
    public CancellationToken Cancellation { get; init; }
}

/// <summary>A step that a sampler has taken.</summary>
/// <param name="Step">Its number, from 1.</param>
/// <param name="Steps">How many there are; <c>ddim</c> may take more than it was asked for.</param>
/// <param name="Timestep">The time that the network was told.</param>
/// <param name="X0">The clean latent as predicted in this step, for a preview; valid during the call.</param>
internal readonly record struct SamplingStep(int Step, int Steps, double Timestep, Latent X0);
