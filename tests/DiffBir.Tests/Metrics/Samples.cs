namespace DiffBir.Tests.Metrics;

/// <summary>Pictures that an implementation in another language can make too.</summary>
internal static class Samples
{
    /// <summary>[1,3,H,W]: waves, edges and a hash for noise, in steps of 1 / 255.</summary>
    public static Tensor Textured(int height, int width) =>
        Make(
            height,
            width,
            (channel, y, x) =>
            {
                var hash = unchecked((uint)((x * 73856093L) ^ (y * 19349663L) ^ (channel * 83492791L)));
                hash = unchecked((hash ^ (hash >> 13)) * 1274126177u);
                var noise = (int)((hash >> 16) % 61) - 30;
                var wave = 60 * Math.Sin((x * 0.051) + (y * 0.037 * (channel + 1)));
                var edge = 30 * Math.Sign(Math.Sin((x * 0.013 * y * 0.11) + channel));
                return (float)Math.Clamp(Math.Floor(128 + wave + edge + noise + 0.5), 0, 255) / 255;
            }
        );

    /// <summary>The picture with a pattern of stripes over it, in steps of 1 / 255.</summary>
    public static Tensor Worn(Tensor image) =>
        Make(
            image.Size(2),
            image.Size(3),
            (channel, y, x) =>
            {
                var clean = image.Data[(((channel * image.Size(2)) + y) * image.Size(3)) + x];
                var stripes = 0.12 * Math.Sin((x * 1.7) + (y * 2.3)) * Math.Cos(0.013 * x * y);
                return (float)Math.Round(Math.Clamp(clean + stripes, 0, 1) * 255) / 255;
            }
        );

    private static Tensor Make(int height, int width, Func<int, int, int, float> value)
    {
        var image = new Tensor(1, 3, height, width);
        for (var index = 0; index < image.Length; index++)
        {
            image.Data[index] = value(index / (height * width), index / width % height, index % width);
        }

        return image;
    }
}
