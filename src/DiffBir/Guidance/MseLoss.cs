using DiffBir.Sampling;

namespace DiffBir.Guidance;

/// <summary>The mean squared distance to a target, optionally weighted by region: mean(W ⊙ (z0 − target)²) for each sample.</summary>
/// <param name="target">
/// Gives the target, of z0's shape, at each evaluation: a fixed one, or one sampled anew from a latent posterior as the
/// original does in latent space.
/// </param>
/// <param name="weights">W, [B,1,h,w]; null: all 1.</param>
internal sealed class MseLoss(Func<Latent> target, Latent? weights = null) : IGuidanceLoss
{
    /// <inheritdoc/>
    public GuidanceGradient Evaluate(Latent z0)
    {
        var goal = target();
        goal.Validate("the guidance target", z0.Shape);
        weights?.Validate("the guidance weights", z0.Size(0), 1, z0.Size(2), z0.Size(3));

        var (loss, gradient) = (0.0, z0.Store.Create(z0.Shape));
        var (height, width) = (z0.Size(2), z0.Size(3));
        var sample = z0.Length / z0.Size(0);
        var (value, wanted, weight, slope) = (new float[width], new float[width], new float[width], new float[width]);
        weight.AsSpan().Fill(1);
        for (var line = 0; line < z0.Planes.Planes * height; line++)
        {
            var (plane, row) = (line / height, line % height);
            z0.Planes.Read(plane, row, 0, value);
            goal.Planes.Read(plane, row, 0, wanted);
            weights?.Planes.Read(plane / z0.Size(1), row, 0, weight);
            for (var column = 0; column < width; column++)
            {
                var difference = value[column] - wanted[column];
                loss += (double)weight[column] * difference * difference;
                slope[column] = 2f * difference * weight[column] / sample;
            }

            gradient.Planes.Write(plane, row, 0, slope);
        }

        return new GuidanceGradient(loss / sample, gradient);
    }
}
