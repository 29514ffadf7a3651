using DiffBir.Randomness;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace DiffBir.Degradation;

/// <summary>
/// The noise of a sensor that sees one color at each pixel (a Bayer pattern), as development leaves it: interpolated, so coarser
/// than a pixel, different in each color by white balance, and lifted in the dark by the tone curve.
/// </summary>
/// <remarks>Only the noise is interpolated; the image itself keeps its detail.</remarks>
/// <param name="Photons">How many photons full brightness is.</param>
/// <param name="Readout">Standard deviation of reading a pixel, in photons.</param>
/// <param name="RedGain">What white balance multiplies red by, green being 1.</param>
/// <param name="BlueGain">What white balance multiplies blue by.</param>
internal sealed record SensorNoise(double Photons, double Readout, double RedGain, double BlueGain) : DegradationStep
{
    /// <summary>The tone curve: light is a pixel's value raised to this.</summary>
    public const float Gamma = 2.2f;

    public override RentedImage Apply(RentedImage image01, IRandomSource random)
    {
        TensorPrimitives.Pow(image01.All, Gamma, image01.All);
        using var noise = new RentedImage(image01.Height, image01.Width);
        Expose(image01, noise, random);
        BayerPattern.AddInterpolated(noise, image01, Gain);
        TensorPrimitives.Clamp(image01.All, 0f, 1f, image01.All);
        TensorPrimitives.Pow(image01.All, 1 / Gamma, image01.All);
        return image01;
    }

    public override string ToString() => $"sensor noise ({Photons:g3} photons, readout {Readout:g3})";

    /// <summary>The noise of each pixel in the plane of its color, 0 in the two others.</summary>
    private void Expose(RentedImage linear, RentedImage noise, IRandomSource random)
    {
        noise.All.Clear();
        Span<float> row = new float[linear.Width];
        for (var y = 0; y < linear.Height; y++)
        {
            random.Normal(row);
            for (var x = 0; x < row.Length; x++)
            {
                var color = BayerPattern.ColorAt(y, x);
                var counted = linear.Row(color, y)[x] * Photons / Gain(color);
                noise.Row(color, y)[x] = (float)(row[x] * Math.Sqrt(counted + (Readout * Readout)) / Photons);
            }
        }
    }

    private double Gain(int color) =>
        color switch
        {
            BayerPattern.Red => RedGain,
            BayerPattern.Blue => BlueGain,
            _ => 1,
        };
}
