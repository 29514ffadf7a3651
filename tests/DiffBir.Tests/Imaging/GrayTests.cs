using DiffBir.Imaging;
using DiffBir.Imaging.Metadata;
using DiffBir.Tests.Support;
using NetVips;

namespace DiffBir.Tests.Imaging;

/// <summary>Gray in, gray out.</summary>
public sealed class GrayTests
{
    public static TheoryData<ImageFormat, BitDepth, bool> Kinds =>
        new()
        {
            { ImageFormat.Png, BitDepth.Eight, false },
            { ImageFormat.Png, BitDepth.Eight, true },
            { ImageFormat.Png, BitDepth.Sixteen, false },
            { ImageFormat.Png, BitDepth.Sixteen, true },
            { ImageFormat.Tiff, BitDepth.Eight, false },
            { ImageFormat.Tiff, BitDepth.Eight, true },
            { ImageFormat.Tiff, BitDepth.Sixteen, false },
            { ImageFormat.Tiff, BitDepth.Sixteen, true },
            { ImageFormat.Jpeg, BitDepth.Eight, false },
        };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Restored_pixels_of_a_gray_photo_lose_their_color_and_are_written_as_one_channel(
        ImageFormat format,
        BitDepth depth,
        bool transparent
    )
    {
        using var photo = Read(File(format, depth, transparent));
        photo.ColorModel.ShouldBe(ColorModel.Gray);
        photo.IsGray.ShouldBeTrue();

        using var restored = photo.WithPixels(PlanarImage.Of(Pictures.Gradient(40, 30)));
        var bytes = Write(restored, format);

        using var image = Image.NewFromBuffer(bytes);
        image.Bands.ShouldBe(transparent ? 2 : 1);
        image.Format.ShouldBe(depth == BitDepth.Sixteen ? Enums.BandFormat.Ushort : Enums.BandFormat.Uchar);
        ((byte[])image.Get("icc-profile-data")).ShouldBe(InputKindTests.LinearGrayProfile());
        using var back = Read(bytes);
        back.Pixels.ToTensor().ShouldBeCloseTo(Luma(Pictures.Gradient(40, 30)), format == ImageFormat.Jpeg ? 0.06 : 1.0 / 254);
    }

    [Theory]
    [InlineData(ImageFormat.Png, ColorModel.Gray)]
    [InlineData(ImageFormat.Tiff, ColorModel.Gray)]
    [InlineData(ImageFormat.Png, ColorModel.Rgb)]
    [InlineData(ImageFormat.Tiff, ColorModel.Rgb)]
    [InlineData(ImageFormat.WebP, ColorModel.Rgb)]
    public void Transparency_that_hides_nothing_is_left_out_of_gray_as_of_color(ImageFormat format, ColorModel model)
    {
        var opaque = new Tensor(1, 1, 20, 30);
        opaque.Span.Fill(1);
        using var opaquePhoto = new Photo(
            PlanarImage.Of(Threefold(Pictures.Gradient(20, 30, channels: 1))),
            PlanarImage.Of(opaque)
        )
        {
            ColorModel = model,
        };

        using var back = Read(Write(opaquePhoto, format));

        back.Alpha.ShouldBeNull();
        back.ColorModel.ShouldBe(model);
    }

    [Theory]
    [InlineData(ImageFormat.Png)]
    [InlineData(ImageFormat.Tiff)]
    [InlineData(ImageFormat.Jpeg)]
    [InlineData(ImageFormat.WebP)]
    public void Three_equal_channels_are_gray_and_stay_three(ImageFormat format)
    {
        using var plain = Photo.Of(Threefold(Pictures.Gradient(64, 64, channels: 1)));
        using var photo = Read(Write(plain, format));
        photo.ColorModel.ShouldBe(ColorModel.Rgb);
        photo.IsGray.ShouldBeTrue();

        using var restored = photo.WithPixels(PlanarImage.Of(Pictures.Gradient(64, 64)));
        var pixels = restored.Pixels.ToTensor().Data;

        var plane = pixels.Length / 3;
        pixels[plane..(2 * plane)].ShouldBe(pixels[..plane]);
        pixels[(2 * plane)..].ShouldBe(pixels[..plane]);
        using var image = Image.NewFromBuffer(Write(restored, format));
        image.Bands.ShouldBe(3);
        using var chroma = (image[0] - image[1]).Abs();
        // The file's chroma is neutral; WebP's decoder makes green one step darker here and there.
        chroma.Max().ShouldBeLessThanOrEqualTo(format == ImageFormat.WebP ? 1 : 0);
    }

    [Fact]
    public void A_photo_with_a_little_color_in_one_place_is_not_gray()
    {
        var image = Threefold(Pictures.Gradient(700, 500, channels: 1));
        image.Data[(2 * 700 * 500) - 1] -= 2f / 255;
        using var photo = Photo.Of(image);

        photo.IsGray.ShouldBeFalse();

        using var restored = photo.WithPixels(PlanarImage.Of(Pictures.Gradient(40, 30)));
        restored.Pixels.ToTensor().ShouldBeCloseTo(Pictures.Gradient(40, 30), 0);
    }

    [Fact]
    public void Gray_with_a_profile_of_its_own_becomes_srgb_for_a_format_without_gray()
    {
        using var photo = Read(File(ImageFormat.Tiff, BitDepth.Sixteen, transparent: false));

        using var webp = Read(Write(photo, ImageFormat.WebP, quality: 100));

        webp.IsGray.ShouldBeTrue();
        webp.Metadata.Icc.ShouldNotBe(InputKindTests.LinearGrayProfile());
        var expected = photo.Pixels.ToTensor().Clone();
        foreach (ref var value in expected.Span)
        {
            value = value <= 0.0031308f ? 12.92f * value : (1.055f * MathF.Pow(value, 1 / 2.4f)) - 0.055f;
        }

        // Below, the profile's curve is coarse against sRGB's in 8 bits.
        var bright = expected.Data.Zip(webp.Pixels.ToTensor().Data).Where(pair => pair.First > 0.3f).ToList();
        bright.Count.ShouldBeGreaterThan(expected.Length / 2);
        bright.ShouldAllBe(pair => Math.Abs(pair.First - pair.Second) < 2.5 / 255);
    }

    [Fact]
    public void A_small_copy_for_a_preview_is_gray_too()
    {
        using var photo = Read(File(ImageFormat.Png, BitDepth.Eight, transparent: false));

        using var small = photo.FitInto(20);

        small.ColorModel.ShouldBe(ColorModel.Gray);
    }

    /// <summary>A gray file with a profile of its own.</summary>
    private static byte[] File(ImageFormat format, BitDepth depth, bool transparent)
    {
        var pixels = Threefold(Pictures.Gradient(40, 30, channels: 1));
        var alpha = transparent ? PlanarImage.Of(Pictures.Gradient(40, 30, 5, channels: 1)) : null;
        using var photo = new Photo(PlanarImage.Of(pixels), alpha)
        {
            Depth = depth,
            ColorModel = ColorModel.Gray,
            Metadata = new PhotoMetadata(Icc: InputKindTests.LinearGrayProfile()),
        };
        return Write(photo, format);
    }

    private static Tensor Luma(Tensor image01)
    {
        var plane = image01.Length / 3;
        var luma = new Tensor(1, 1, image01.Size(2), image01.Size(3));
        for (var index = 0; index < plane; index++)
        {
            var (red, green, blue) = (image01.Data[index], image01.Data[plane + index], image01.Data[(2 * plane) + index]);
            luma.Data[index] = (0.299f * red) + (0.587f * green) + (0.114f * blue);
        }

        return Threefold(luma);
    }

    private static Tensor Threefold(Tensor gray) =>
        new([.. gray.Data, .. gray.Data, .. gray.Data], 1, 3, gray.Size(2), gray.Size(3));

    private static byte[] Write(Photo photo, ImageFormat format, int quality = 95)
    {
        using var stream = new MemoryStream();
        ImageFile.Write(photo, stream, new ImageEncoding(format) { Quality = quality, Rounding = Rounding.Nearest });
        return stream.ToArray();
    }

    private static Photo Read(byte[] bytes)
    {
        using var stream = new MemoryStream(bytes);
        return ImageFile.Read(stream, "test image");
    }
}
