namespace DiffBir.Guidance;

/// <summary>The mean squared distance to a target, optionally weighted by region: mean(W ⊙ (z0 − target)²) for each sample.</summary>
/// <param name="target">
/// Gives the target, of z0's shape, at each evaluation: a fixed one, or one sampled anew from a latent posterior as the
/// original does in latent space.
/// </param>
/// <param name="weights">W, [B,1,h,w]; null: all 1.</param>
public sealed class MseLoss(Func<Tensor> target, Tensor? weights = null) : IGuidanceLoss
{
    /// <inheritdoc/>
    public GuidanceGradient Evaluate(Tensor z0)
    {
        var goal = target();
        goal.Require("the guidance target", z0.Shape);
        weights?.Require("the guidance weights", z0.Size(0), 1, z0.Size(2), z0.Size(3));

        var (plane, sample) = (z0.Size(2) * z0.Size(3), z0.Length / z0.Size(0));
        var (loss, gradient) = (0.0, new Tensor(z0.Shape));
        for (var i = 0; i < z0.Length; i++)
        {
            var weight = weights?.Data[i / sample * plane + i % plane] ?? 1f;
            var difference = z0.Data[i] - goal.Data[i];
            loss += (double)weight * difference * difference;
            gradient.Data[i] = 2f * difference * weight / sample;
        }

        return new GuidanceGradient(loss / sample, gradient);
    }
}
