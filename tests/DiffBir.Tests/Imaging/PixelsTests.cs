using System.Runtime.InteropServices;
using DiffBir.Imaging;

namespace DiffBir.Tests.Imaging;

/// <summary>Pixels of other libraries, in and out without a file.</summary>
public sealed class PixelsTests
{
    private const int Width = 5;
    private const int Height = 3;

    public static TheoryData<PixelFormat> Formats => [.. Enum.GetValues<PixelFormat>()];

    [Theory]
    [MemberData(nameof(Formats))]
    public void Pixels_come_back_as_they_were_whatever_their_format_and_stride(PixelFormat format)
    {
        foreach (var padding in new[] { 0, 6 })
        {
            var stride = (Width * BytesOf(format)) + padding;
            var pixels = Counting(Height * stride);

            using var photo = Photo.FromPixels(pixels, Width, Height, format, stride);
            var copied = new byte[pixels.Length];
            photo.CopyPixels(copied, format, stride);

            for (var row = 0; row < Height; row++)
            {
                copied
                    .AsSpan(row * stride, stride - padding)
                    .ToArray()
                    .ShouldBe(pixels.AsSpan(row * stride, stride - padding).ToArray());
                copied.AsSpan(((row + 1) * stride) - padding, padding).ToArray().ShouldAllBe(value => value == 0);
            }
        }
    }

    [Fact]
    public void Every_step_of_eight_bits_comes_back()
    {
        byte[] all = [.. Enumerable.Range(0, 256).Select(value => (byte)value)];

        using var photo = Photo.FromPixels(all, 256, 1, PixelFormat.Gray8);
        var copied = new byte[256];
        photo.CopyPixels(copied, PixelFormat.Gray8);

        copied.ShouldBe(all);
    }

    [Fact]
    public void Channels_are_where_their_format_says()
    {
        // One pixel: red 10, green 20, blue 30, opacity 40.
        using var photo = Photo.FromPixels([30, 20, 10, 40], 1, 1, PixelFormat.Bgra32);
        var rgba = new byte[4];
        var wide = new byte[8];

        photo.CopyPixels(rgba, PixelFormat.Rgba32);
        photo.CopyPixels(wide, PixelFormat.Rgba64);

        rgba.ShouldBe([10, 20, 30, 40]);
        MemoryMarshal.Cast<byte, ushort>(wide).ToArray().ShouldBe([10 * 257, 20 * 257, 30 * 257, 40 * 257]);
    }

    [Fact]
    public void Opaque_photos_get_full_opacity_and_gray_ones_stay_gray()
    {
        using var gray = Photo.FromPixels([7], 1, 1, PixelFormat.Gray8);
        using var opaque = Photo.FromPixels([1, 2, 3, 255], 1, 1, PixelFormat.Rgba32);
        var pixel = new byte[4];

        gray.CopyPixels(pixel, PixelFormat.Bgra32);

        pixel.ShouldBe([7, 7, 7, 255]);
        gray.ColorModel.ShouldBe(ColorModel.Gray);
        opaque.Alpha.ShouldBeNull();
    }

    [Fact]
    public void What_a_format_cannot_hold_is_refused()
    {
        using var colored = Photo.FromPixels([1, 200, 3], 1, 1, PixelFormat.Rgb24);
        using var transparent = Photo.FromPixels([1, 2, 3, 4], 1, 1, PixelFormat.Rgba32);

        Should
            .Throw<ImageException>(() => colored.CopyPixels(new byte[1], PixelFormat.Gray8))
            .Message.ShouldBe("The photo has color, which Gray8 cannot hold; copy it as Rgb24 or Rgb48.");
        Should
            .Throw<ImageException>(() => transparent.CopyPixels(new byte[3], PixelFormat.Rgb24))
            .Message.ShouldBe("The photo is transparent in places, which Rgb24 cannot hold; copy it as Rgba32 or Rgba64.");
    }

    [Fact]
    public void Too_few_bytes_are_refused_and_the_last_row_needs_no_padding()
    {
        Photo.FromPixels(new byte[19], 3, 2, PixelFormat.Rgb24, stride: 10).Dispose();

        Should
            .Throw<ShapeException>(() => Photo.FromPixels(new byte[18], 3, 2, PixelFormat.Rgb24, stride: 10))
            .Message.ShouldBe("3×2 pixels as Rgb24 take 19 bytes, got 18.");
        Should
            .Throw<ShapeException>(() => Photo.FromPixels(new byte[99], 3, 2, PixelFormat.Rgb24, stride: 8))
            .Message.ShouldBe(
                "Pixels must have 1 row and column or more, and 9 bytes a row as Rgb24, got 3×2 with 8 bytes from row to row."
            );
    }

    private static int BytesOf(PixelFormat format) =>
        format switch
        {
            PixelFormat.Gray8 => 1,
            PixelFormat.Gray16 => 2,
            PixelFormat.Rgb24 or PixelFormat.Bgr24 => 3,
            PixelFormat.Rgba32 or PixelFormat.Bgra32 => 4,
            PixelFormat.Rgb48 or PixelFormat.Bgr48 => 6,
            _ => 8,
        };

    private static byte[] Counting(int length) => [.. Enumerable.Range(0, length).Select(index => (byte)((index * 37) + 11))];
}
