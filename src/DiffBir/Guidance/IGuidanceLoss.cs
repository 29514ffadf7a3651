using DiffBir.Sampling;

namespace DiffBir.Guidance;

/// <summary>How far a predicted clean latent is from where restoration guidance wants it.</summary>
internal interface IGuidanceLoss
{
    /// <summary>Evaluates the loss and its gradient.</summary>
    /// <param name="z0">The predicted clean latent [B,C,h,w]; it must stay as it is.</param>
    GuidanceGradient Evaluate(Latent z0);
}

/// <summary>A loss and its gradient.</summary>
/// <param name="Loss">For each sample the mean over its elements; summed over the batch.</param>
/// <param name="Gradient">∂loss/∂z0, of z0's shape.</param>
internal readonly record struct GuidanceGradient(double Loss, Latent Gradient);
