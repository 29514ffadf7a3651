using DiffBir.Sampling;

namespace DiffBir.Tests.Sampling;

/// <summary>The exact denoiser of latents that are normally distributed with mean 0 and a known deviation.</summary>
internal sealed class GaussianDenoiser(double deviation) : IDenoiser
{
    public int Calls { get; private set; }

    public Latent PredictClean(Latent xt, NoiseLevel level, CancellationToken cancellation)
    {
        Calls++;
        var variance = deviation * deviation;
        var factor = level.Alpha * variance / Variance(level.Alpha, level.Sigma);
        return new Tensor(Array.ConvertAll(xt.ToTensor().Data, x => (float)(factor * x)), xt.Shape);
    }

    /// <summary>The factor by which the probability flow stretches a latent from one noise level to another.</summary>
    public double Stretch(NoiseLevel from, NoiseLevel to) =>
        Math.Sqrt(Variance(to.Alpha, to.Sigma) / Variance(from.Alpha, from.Sigma));

    private double Variance(double alpha, double sigma) => (alpha * alpha * deviation * deviation) + (sigma * sigma);
}
