using NetVips;

namespace DiffBir.Bench.Pictures;

/// <summary>Pixels to and from libvips, in 8 bits.</summary>
internal static class VipsPixels
{
    private const int Channels = 3;

    /// <summary>An image of [1,3,H,W] in [0,1], rounded to 8 bits.</summary>
    public static Image Of(Tensor image01)
    {
        var (height, width) = (image01.Size(2), image01.Size(3));
        var bytes = new byte[image01.Length];
        for (var index = 0; index < image01.Length; index++)
        {
            var (channel, pixel) = Math.DivRem(index, height * width);
            bytes[(pixel * Channels) + channel] = (byte)MathF.Round(Math.Clamp(image01.Data[index], 0, 1) * 255);
        }

        using var image = Image.NewFromMemory(bytes, width, height, Channels, Enums.BandFormat.Uchar);
        return image.Copy(interpretation: Enums.Interpretation.Srgb).CopyMemory();
    }

    /// <summary>A square image at another size: smaller by a kernel, larger by libvips' bicubic interpolation.</summary>
    public static Tensor Resize(Tensor image01, int side, Enums.Kernel kernel = Enums.Kernel.Cubic)
    {
        using var image = Of(image01);
        var scale = (double)side / image.Width;
        using var resized = scale > 1 ? Enlarged(image, scale, side) : image.Resize(scale, kernel: kernel);
        return ToTensor(resized);
    }

    // Image.Resize enlarges half a pixel to the side, so that all that is enlarged exactly looked better than it.
    private static Image Enlarged(Image image, double scale, int side)
    {
        using var bicubic = Interpolate.NewFromName("bicubic");
        var offset = (scale - 1) / 2; // pixels' centers stay where they are
        return image.Affine(
            [scale, 0, 0, scale],
            interpolate: bicubic,
            oarea: [0, 0, side, side],
            odx: offset,
            ody: offset,
            extend: Enums.Extend.Copy
        );
    }

    /// <summary>[1,3,H,W] in [0,1] of an image with three bands.</summary>
    public static Tensor ToTensor(Image image)
    {
        using var bytes = image.Cast(Enums.BandFormat.Uchar);
        var pixels = bytes.WriteToMemory<byte>();
        var result = new Tensor(1, Channels, image.Height, image.Width);
        var plane = image.Height * image.Width;
        for (var index = 0; index < result.Length; index++)
        {
            var (channel, pixel) = Math.DivRem(index, plane);
            result.Data[index] = pixels[(pixel * Channels) + channel] / 255f;
        }

        return result;
    }
}
