using DiffBir.Randomness;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace DiffBir.Degradation;

/// <summary>
/// A photo as a sensor that sees one color at each pixel gives it, without noise: fine lines get colored fringes, and edges are
/// as soft as interpolation leaves them.
/// </summary>
internal sealed record SensorDevelopment : DegradationStep
{
    public override RentedImage Apply(RentedImage image01, IRandomSource random)
    {
        using var seen = new RentedImage(image01.Height, image01.Width);
        seen.All.Clear();
        TensorPrimitives.Pow(image01.All, SensorNoise.Gamma, image01.All);
        for (var y = 0; y < image01.Height; y++)
        {
            for (var x = 0; x < image01.Width; x++)
            {
                var color = BayerPattern.ColorAt(y, x);
                seen.Row(color, y)[x] = image01.Row(color, y)[x];
            }
        }

        image01.All.Clear();
        BayerPattern.AddInterpolated(seen, image01, _ => 1);
        TensorPrimitives.Pow(image01.All, 1 / SensorNoise.Gamma, image01.All);
        return image01;
    }

    public override string ToString() => "developed from a sensor";
}
