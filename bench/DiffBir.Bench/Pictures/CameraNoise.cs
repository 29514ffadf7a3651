using DiffBir.Randomness;

namespace DiffBir.Bench.Pictures;

/// <summary>
/// The noise of a camera: photons and amplifier disturb a sensor with one color at each pixel, and the picture is developed from
/// that, so the noise is colored, coarser than a pixel and stronger where white balance and tone curve amplify. The good photo is
/// the same development without noise.
/// </summary>
internal static class CameraNoise
{
    private const double Photons = 1200; // at full brightness: gives about 33 dB
    private const double Readout = 0.004; // standard deviation of the amplifier, of full brightness
    private const double Gamma = 2.2;

    // What the raw values of red, green and blue are multiplied with under daylight.
    private static readonly double[] WhiteBalance = [2.0, 1.0, 1.6];

    public static DamagedPhoto Apply(Tensor clean01, IRandomSource random)
    {
        var raw = Expose(clean01);
        var good = Develop(raw);
        var noise = new float[raw.Length];
        random.Normal(noise);
        for (var index = 0; index < raw.Length; index++)
        {
            var deviation = Math.Sqrt((raw.Data[index] / Photons) + (Readout * Readout));
            raw.Data[index] += (float)(deviation * noise[index]);
        }

        return new DamagedPhoto(good, Develop(raw));
    }

    /// <summary>The sensor: [1,1,H,W], linear, red at even rows and columns, blue at odd ones, green elsewhere.</summary>
    private static Tensor Expose(Tensor image01)
    {
        var (height, width) = (image01.Size(2), image01.Size(3));
        var raw = new Tensor(1, 1, height, width);
        for (var index = 0; index < raw.Length; index++)
        {
            var color = ColorAt(index / width, index % width);
            var value = image01.Data[(color * height * width) + index];
            raw.Data[index] = (float)(Math.Pow(value, Gamma) / WhiteBalance[color]);
        }

        return raw;
    }

    /// <summary>Each color's mean over the nearest pixels that have it, white balance, tone curve.</summary>
    private static Tensor Develop(Tensor raw)
    {
        var (height, width) = (raw.Size(2), raw.Size(3));
        var image = new Tensor(1, 3, height, width);
        for (var index = 0; index < image.Length; index++)
        {
            var (color, pixel) = Math.DivRem(index, height * width);
            var linear = Mean(raw, pixel / width, pixel % width, color) * WhiteBalance[color];
            image.Data[index] = (float)Math.Pow(Math.Clamp(linear, 0, 1), 1 / Gamma);
        }

        return image;
    }

    private static double Mean(Tensor raw, int y, int x, int color)
    {
        if (ColorAt(y, x) == color)
        {
            return raw.Data[(y * raw.Size(3)) + x];
        }

        var (sum, count) = (0.0, 0);
        for (var row = Math.Max(0, y - 1); row <= Math.Min(raw.Size(2) - 1, y + 1); row++)
        {
            for (var column = Math.Max(0, x - 1); column <= Math.Min(raw.Size(3) - 1, x + 1); column++)
            {
                if (ColorAt(row, column) == color)
                {
                    sum += raw.Data[(row * raw.Size(3)) + column];
                    count++;
                }
            }
        }

        return sum / count;
    }

    private static int ColorAt(int y, int x) =>
        (y % 2, x % 2) switch
        {
            (0, 0) => 0,
            (1, 1) => 2,
            _ => 1,
        };
}
