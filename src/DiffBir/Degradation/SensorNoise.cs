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
    private const float Gamma = 2.2f;
    private const int Red = 0;
    private const int Green = 1;
    private const int Blue = 2;

    public override RentedImage Apply(RentedImage image01, IRandomSource random)
    {
        TensorPrimitives.Pow(image01.All, Gamma, image01.All);
        using var noise = new RentedImage(image01.Height, image01.Width);
        Expose(image01, noise, random);
        AddDeveloped(noise, image01);
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
                var color = ColorAt(y, x);
                var counted = linear.Row(color, y)[x] * Photons / Gain(color);
                noise.Row(color, y)[x] = (float)(row[x] * Math.Sqrt(counted + (Readout * Readout)) / Photons);
            }
        }
    }

    /// <summary>Adds the noise, interpolated linearly between the pixels of each color and balanced.</summary>
    private void AddDeveloped(RentedImage noise, RentedImage linear)
    {
        for (var y = 0; y < linear.Height; y++)
        {
            var (above, below) = (Mirrored(y - 1, linear.Height), Mirrored(y + 1, linear.Height));
            for (var color = Red; color <= Blue; color++)
            {
                var gain = (float)Gain(color);
                var up = noise.Row(color, above);
                var here = noise.Row(color, y);
                var down = noise.Row(color, below);
                var result = linear.Row(color, y);
                for (var x = 0; x < result.Length; x++)
                {
                    var (left, right) = (Mirrored(x - 1, result.Length), Mirrored(x + 1, result.Length));
                    var sides = up[x] + down[x] + here[left] + here[right];
                    var corners = up[left] + up[right] + down[left] + down[right];
                    var interpolated = color == Green ? sides / 4 : (sides / 2) + (corners / 4);
                    result[x] += gain * (here[x] + interpolated);
                }
            }
        }
    }

    private double Gain(int color) =>
        color switch
        {
            Red => RedGain,
            Blue => BlueGain,
            _ => 1,
        };

    private static int ColorAt(int y, int x) =>
        (y % 2, x % 2) switch
        {
            (0, 0) => Red,
            (1, 1) => Blue,
            _ => Green,
        };

    /// <summary>An index beyond an edge, mirrored at the edge pixel so that its color stays; within 0 to length - 1.</summary>
    private static int Mirrored(int index, int length)
    {
        if (length == 1)
        {
            return 0;
        }

        return index < 0 ? -index
            : index < length ? index
            : (2 * (length - 1)) - index;
    }
}
