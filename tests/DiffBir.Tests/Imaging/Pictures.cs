namespace DiffBir.Tests.Imaging;

/// <summary>Small pictures made for tests.</summary>
internal static class Pictures
{
    /// <summary>[1,3,H,W]: a different smooth texture in each channel, every value a multiple of 1 / 255.</summary>
    public static Tensor Gradient(int height, int width, int steps = 255, int channels = 3)
    {
        var image = new Tensor(1, channels, height, width);
        for (var index = 0; index < image.Length; index++)
        {
            var (channel, y, x) = (index / (height * width), index / width % height, index % width);
            var value = 0.5 + (0.5 * Math.Sin((x * 0.31) + (y * 0.17 * (channel + 1)) + channel));
            image.Data[index] = (float)Math.Round(value * steps) / steps;
        }

        return image;
    }
}
