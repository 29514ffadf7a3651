using DiffBir.Degradation;
using NetVips;

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

    /// <summary>An image [1,3,H,W] in [0,1] that was a JPEG file.</summary>
    public static Tensor Jpeg(Tensor image01, int quality)
    {
        using var rented = RentedImage.From(image01);
        using var compressed = JpegFile.Apply(rented, quality);
        return compressed.ToTensor();
    }

    /// <summary>Two pages or frames as libvips holds them: a white one and a black one.</summary>
    public static Image WhiteThenBlack(int side)
    {
        using var black = Image.Black(side, side, bands: 3);
        using var both = black.Invert().Join(black, Enums.Direction.Vertical).Cast(Enums.BandFormat.Uchar);
        using var colored = both.Copy(interpretation: Enums.Interpretation.Srgb);
        return colored.Mutate(image => image.Set(GValue.GIntType, "page-height", side));
    }

    /// <summary>A picture [1,3,H,W] in [0,1] as libvips holds it: 8 bits, sRGB.</summary>
    public static Image Vips(Tensor image01)
    {
        var (height, width) = (image01.Size(2), image01.Size(3));
        var bytes = new byte[image01.Length];
        for (var index = 0; index < bytes.Length; index++)
        {
            bytes[index] = (byte)MathF.Round(255 * image01.Data[(index % 3 * height * width) + (index / 3)]);
        }

        return Image
            .NewFromMemory(bytes, width, height, 3, Enums.BandFormat.Uchar)
            .Copy(interpretation: Enums.Interpretation.Srgb);
    }
}
