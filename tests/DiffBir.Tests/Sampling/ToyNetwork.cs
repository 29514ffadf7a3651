using DiffBir.Sampling;

namespace DiffBir.Tests.Sampling;

/// <summary>The fixture's formula in place of a network: 0.8 x + 0.2 sin(3 x + 0.01 t) + 0.1 c + mean(text of the sample).</summary>
internal sealed class ToyNetwork : INoisePredictor
{
    public List<double> Timesteps { get; } = [];

    public Latent Predict(Latent latent, double timestep, DenoiserCondition condition, CancellationToken cancellation)
    {
        condition.Latent.Validate("condition", latent.Shape);
        var (xt, hint) = (latent.ToTensor(), condition.Latent.ToTensor());
        Timesteps.Add(timestep);
        var result = new Tensor(xt.Shape);
        var (size, textSize) = (xt.Length / xt.Size(0), condition.Text.Length / xt.Size(0));
        for (var i = 0; i < xt.Length; i++)
        {
            var text = condition.Text.Data.AsSpan(i / size * textSize, textSize);
            var mean = 0f;
            foreach (var value in text)
            {
                mean += value;
            }

            var x = xt.Data[i];
            result.Data[i] =
                (0.8f * x) + (0.2f * MathF.Sin((3f * x) + (0.01f * (float)timestep))) + (0.1f * hint.Data[i]) + (mean / textSize);
        }

        return result;
    }
}
