using DiffBir.Imaging;
using DiffBir.Tests.Support;
using NetVips;

namespace DiffBir.Tests.Imaging;

/// <summary>Every kind of file that people have: made by libvips, read by us.</summary>
public sealed class InputKindTests
{
    private const double LossyTolerance = 0.15; // see ImageFileTests
    private const double ColorTolerance = 2.5 / 255; // 8 bits through another space and back

    [Fact]
    public void Gray_becomes_three_equal_planes()
    {
        var gray = Pictures.Gradient(17, 23, channels: 1);
        using var image = Gray(gray);
        foreach (var bytes in new[] { image.PngsaveBuffer(), image.TiffsaveBuffer() })
        {
            using var photo = Read(bytes);

            photo.Pixels.ToTensor().ShouldBeCloseTo(Threefold(gray), 0);
        }

        using var jpeg = Read(image.JpegsaveBuffer());
        jpeg.Pixels.ToTensor().ShouldBeCloseTo(Threefold(gray), LossyTolerance);
        jpeg.Metadata.Icc.ShouldBeNull();
    }

    [Fact]
    public void Gray_with_transparency_keeps_both()
    {
        var (gray, alpha) = (Pictures.Gradient(17, 23, channels: 1), Pictures.Gradient(17, 23, 5, channels: 1));
        var alphaBytes = alpha.Data.Select(value => (byte)MathF.Round(value * 255)).ToArray();
        using var opacity = Image.NewFromMemory(alphaBytes, 23, 17, 1, Enums.BandFormat.Uchar);
        using var image = Gray(gray).Bandjoin(opacity).Copy(interpretation: Enums.Interpretation.Bw);

        using var photo = Read(image.PngsaveBuffer());

        photo.Pixels.ToTensor().ShouldBeCloseTo(Threefold(gray), 0);
        photo.Alpha.ShouldNotBeNull().ToTensor().ShouldBeCloseTo(alpha, 0);
    }

    [Theory]
    [InlineData(Enums.Interpretation.Bw, 3)]
    [InlineData(Enums.Interpretation.Bw, 5)]
    [InlineData(Enums.Interpretation.Srgb, 6)]
    [InlineData(Enums.Interpretation.Multiband, 2)]
    [InlineData(Enums.Interpretation.Multiband, 7)]
    public void Bands_of_unknown_meaning_are_left(Enums.Interpretation interpretation, int bands)
    {
        using var gray = Gray(Pictures.Gradient(17, 23, channels: 1));
        using var image = gray.Bandjoin([.. Enumerable.Range(1, bands - 1).Select(band => 30.0 * band)])
            .Copy(interpretation: interpretation);

        using var photo = Read(image.TiffsaveBuffer());

        photo.Pixels.ReadBox(0, 0, 17, 23).Data[..391].ShouldBe(Pictures.Gradient(17, 23, channels: 1).Data);
    }

    [Fact]
    public void Sixteen_bit_gray_keeps_its_depth()
    {
        var words = Enumerable.Range(0, 300).Select(value => (ushort)(value * 218)).ToArray();
        using var image = Image
            .NewFromMemory(words, 20, 15, 1, Enums.BandFormat.Ushort)
            .Copy(interpretation: Enums.Interpretation.Grey16);
        foreach (var bytes in new[] { image.PngsaveBuffer(), image.TiffsaveBuffer() })
        {
            using var photo = Read(bytes);

            photo.Depth.ShouldBe(BitDepth.Sixteen);
            photo.Pixels.ToTensor().Data[..300].ShouldBe(Array.ConvertAll(words, value => value / 65535f));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public void A_few_bits_become_eight(int bits)
    {
        var gray = Pictures.Gradient(17, 23, (1 << bits) - 1, channels: 1);
        using var image = Gray(gray);

        using var photo = Read(image.PngsaveBuffer(bitdepth: bits));

        photo.Depth.ShouldBe(BitDepth.Eight);
        photo.Pixels.ToTensor().ShouldBeCloseTo(Threefold(gray), 0.5 / 255);
    }

    [Fact]
    public void A_palette_is_looked_up()
    {
        var image = Pictures.Gradient(16, 16, steps: 3);
        using var vips = Pictures.Vips(image);

        var bytes = vips.PngsaveBuffer(palette: true, dither: 0);

        bytes.AsSpan().IndexOf("PLTE"u8).ShouldBePositive();
        using var photo = Read(bytes);
        photo.Pixels.ToTensor().ShouldBeCloseTo(image, 4.0 / 255); // the palette is found by clustering
    }

    [Fact]
    public void A_palette_with_transparency_keeps_it()
    {
        var image = Pictures.Gradient(16, 16, steps: 1);
        var opacity = new byte[256];
        opacity.AsSpan(0, 100).Fill(255);
        using var alpha = Image.NewFromMemory(opacity, 16, 16, 1, Enums.BandFormat.Uchar);
        using var vips = Pictures.Vips(image).Bandjoin(alpha);

        var bytes = vips.PngsaveBuffer(palette: true, dither: 0);

        bytes.AsSpan().IndexOf("tRNS"u8).ShouldBePositive();
        using var photo = Read(bytes);
        photo.Alpha.ShouldNotBeNull().ToTensor().Data.ShouldBe(Array.ConvertAll(opacity, value => value / 255f));
    }

    [Fact]
    public void Sixteen_bit_cmyk_becomes_sixteen_bit_srgb()
    {
        var flat = new Tensor(1, 3, 8, 8);
        flat.Span.Fill(128 / 255f);
        using var inks = Pictures
            .Vips(flat)
            .IccTransform("cmyk", intent: Enums.Intent.Relative, blackPointCompensation: true, inputProfile: "srgb", depth: 16);

        using var photo = Read(inks.TiffsaveBuffer());

        photo.Depth.ShouldBe(BitDepth.Sixteen);
        photo.Pixels.ToTensor().ShouldBeCloseTo(flat, MetadataTests.InkTolerance);
    }

    [Fact]
    public void Cmyk_with_transparency_keeps_it()
    {
        var flat = new Tensor(1, 3, 8, 8);
        flat.Span.Fill(128 / 255f);
        using var inks = Pictures
            .Vips(flat)
            .IccTransform("cmyk", intent: Enums.Intent.Relative, blackPointCompensation: true, inputProfile: "srgb");
        using var image = inks.Bandjoin(51);

        using var photo = Read(image.TiffsaveBuffer());

        photo.Pixels.ToTensor().ShouldBeCloseTo(flat, MetadataTests.InkTolerance);
        photo.Alpha.ShouldNotBeNull().ToTensor().Data.ShouldAllBe(value => value == 51 / 255f);
    }

    [Fact]
    public void Lab_becomes_srgb()
    {
        var image = Pictures.Gradient(16, 16);
        using var lab = Pictures.Vips(image).Colourspace(Enums.Interpretation.Lab);
        using var wide = lab.Colourspace(Enums.Interpretation.Labs);

        using var sixteen = Read(wide.TiffsaveBuffer());

        sixteen.Depth.ShouldBe(BitDepth.Sixteen);
        sixteen.Pixels.ToTensor().ShouldBeCloseTo(image, ColorTolerance);
    }

    [Fact]
    public void Gray_stays_in_the_space_of_its_profile_and_keeps_it()
    {
        var gray = Pictures.Gradient(16, 16, channels: 1);
        using var image = Gray(gray).Mutate(target => target.Set(GValue.BlobType, "icc-profile-data", LinearGrayProfile()));
        foreach (var bytes in new[] { image.PngsaveBuffer(), image.TiffsaveBuffer() })
        {
            using var photo = Read(bytes);

            photo.ColorModel.ShouldBe(ColorModel.Gray);
            photo.Metadata.Icc.ShouldBe(LinearGrayProfile());
            photo.Pixels.ToTensor().ShouldBeCloseTo(Threefold(gray), 0);
        }
    }

    [Fact]
    public void Premultiplied_transparency_is_divided_out()
    {
        var flat = new Tensor(1, 3, 8, 8);
        flat.Span.Fill(200 / 255f);
        using var image = Pictures.Vips(flat).Bandjoin(128);

        using var photo = Read(image.TiffsaveBuffer(premultiply: true));

        photo.Pixels.ToTensor().ShouldBeCloseTo(flat, 1.01 / 255);
        photo.Alpha.ShouldNotBeNull();
    }

    [Theory]
    [InlineData(Enums.ForeignTiffCompression.None)]
    [InlineData(Enums.ForeignTiffCompression.Lzw)]
    [InlineData(Enums.ForeignTiffCompression.Deflate)]
    [InlineData(Enums.ForeignTiffCompression.Packbits)]
    public void Tiff_is_read_in_strips_tiles_and_every_lossless_compression(Enums.ForeignTiffCompression compression)
    {
        var image = Pictures.Gradient(130, 150);
        using var vips = Pictures.Vips(image);

        foreach (var tile in new[] { false, true })
        {
            using var photo = Read(vips.TiffsaveBuffer(compression: compression, tile: tile, tileWidth: 64, tileHeight: 64));
            photo.Pixels.ToTensor().ShouldBeCloseTo(image, 0);
        }

        using var big = Read(vips.TiffsaveBuffer(bigtiff: true));
        big.Pixels.ToTensor().ShouldBeCloseTo(image, 0);
    }

    [Fact]
    public void An_interlaced_png_and_a_progressive_jpeg_are_read()
    {
        var image = Pictures.Gradient(70, 90);
        using var vips = Pictures.Vips(image);

        using var png = Read(vips.PngsaveBuffer(interlace: true));
        using var jpeg = Read(vips.JpegsaveBuffer(interlace: true, q: 95));

        png.Pixels.ToTensor().ShouldBeCloseTo(image, 0);
        jpeg.Pixels.ToTensor().ShouldBeCloseTo(image, LossyTolerance);
    }

    [Fact]
    public void Of_several_pages_or_frames_the_first_is_read()
    {
        var first = Pictures.Gradient(16, 16);
        using var pages = Pictures
            .Vips(first)
            .Join(Image.Black(16, 16, 3).Copy(interpretation: Enums.Interpretation.Srgb), Enums.Direction.Vertical)
            .Mutate(target => target.Set(GValue.GIntType, "page-height", 16));

        foreach (
            var bytes in new[] { pages.TiffsaveBuffer(), pages.WebpsaveBuffer(lossless: true), pages.GifsaveBuffer(dither: 0) }
        )
        {
            using var photo = Read(bytes);

            // A GIF has one palette for all of it, and rounds to it.
            photo.Pixels.ToTensor().ShouldBeCloseTo(first, photo.Format == ImageFormat.Gif ? 2 / 255.0 : 0);
            using var second = Read(bytes, new() { Page = 2 });
            second.Pixels.ToTensor().Data.ToArray().ShouldAllBe(value => value == 0);
            using var stream = new MemoryStream(bytes);
            ImageFile.Inspect(stream, "it", page: 2).Pages.ShouldBe(2);
            foreach (var missing in (int[])[0, 3, int.MaxValue])
            {
                Should
                    .Throw<OptionException>(() => Read(bytes, new() { Page = missing }))
                    .Message.ShouldContain($"page {missing} is none of them. Name one from 1 to 2 (--page).");
            }
        }
    }

    [Theory]
    [InlineData(8)]
    [InlineData(10)]
    [InlineData(12)]
    public void Avif_of_any_depth_is_read_and_its_white_is_white(int bits)
    {
        using var even = (Image.Black(24, 16, bands: 3) + ushort.MaxValue).Cast(Enums.BandFormat.Ushort);
        using var image = even.Copy(interpretation: Enums.Interpretation.Rgb16);
        var bytes = image.HeifsaveBuffer(compression: Enums.ForeignHeifCompression.Av1, bitdepth: bits, lossless: true);

        using var photo = Read(bytes);

        (photo.Format, photo.Width, photo.Height).ShouldBe((ImageFormat.Avif, 24, 16));
        photo.Depth.ShouldBe(bits == 8 ? BitDepth.Eight : BitDepth.Sixteen);
        photo.Pixels.ToTensor().Data.ToArray().ShouldAllBe(value => value == 1);
    }

    [Fact]
    public void Avif_is_read_with_its_colors_its_transparency_and_its_profile()
    {
        var image = Pictures.Gradient(48, 64);
        using var opaque = Pictures.Vips(image);
        using var half = (Image.Black(64, 48) + 128).Cast(Enums.BandFormat.Uchar);
        using var vips = opaque.Bandjoin(half).Copy(interpretation: Enums.Interpretation.Srgb);
        var bytes = vips.HeifsaveBuffer(
            q: 90,
            compression: Enums.ForeignHeifCompression.Av1,
            subsampleMode: Enums.ForeignSubsample.Off,
            keep: Enums.ForeignKeep.Icc,
            profile: "srgb"
        );

        using var photo = Read(bytes);

        photo.Pixels.ToTensor().ShouldBeCloseTo(image, LossyTolerance);
        photo.Alpha!.ToTensor().Data[0].ShouldBe(128 / 255f, 0.02);
        photo.Metadata.Icc.ShouldNotBeNull();
    }

    [Fact]
    public void Avif_of_a_general_brand_is_told_by_the_others()
    {
        using var vips = Pictures.Vips(Pictures.Gradient(16, 16));
        var bytes = vips.HeifsaveBuffer(compression: Enums.ForeignHeifCompression.Av1);
        "mif1"u8.CopyTo(bytes.AsSpan(8));

        using var photo = Read(bytes);

        photo.Format.ShouldBe(ImageFormat.Avif);
    }

    [Fact]
    public void Gif_is_read_with_its_transparency()
    {
        using var vips = Pictures.Vips(new Tensor(1, 3, 8, 8)).Bandjoin((Image.Xyz(8, 8)[0] > 3)[0]);
        var bytes = vips.Copy(interpretation: Enums.Interpretation.Srgb).GifsaveBuffer();

        using var photo = Read(bytes);

        photo.Format.ShouldBe(ImageFormat.Gif);
        photo.Alpha!.ToTensor().Data[..8].ToArray().ShouldBe([0, 0, 0, 0, 1, 1, 1, 1]);
    }

    [Fact]
    public void Results_of_formats_that_are_read_only_are_png_and_asking_for_such_a_file_is_refused()
    {
        ImageFormat.Gif.OfResult().ShouldBe(ImageFormat.Png);
        ImageFormat.Tiff.OfResult().ShouldBe(ImageFormat.Tiff);
        ImageFormats.FromOutputName("a.avif").ShouldBeNull();
        using var photo = Photo.Of(Pictures.Gradient(8, 8));
        using var stream = new MemoryStream();

        Should
            .Throw<ImageException>(() => ImageFile.Write(photo, stream, new ImageEncoding(ImageFormat.Avif)))
            .Message.ShouldBe("The image: AVIF files are read but not written; write PNG, JPEG, WebP or TIFF.");
    }

    [Fact]
    public void Floating_point_is_refused_with_the_remedy()
    {
        using var image = Pictures.Vips(Pictures.Gradient(8, 8)).Cast(Enums.BandFormat.Float);
        var bytes = image.TiffsaveBuffer();

        Should
            .Throw<ImageException>(() => Read(bytes))
            .Message.ShouldBe(
                "test image holds values of type Float; only whole numbers of 8 or 16 bits are read. Convert it to a 16-bit image."
            );
    }

    private static Tensor Threefold(Tensor gray) =>
        new([.. gray.Data, .. gray.Data, .. gray.Data], 1, 3, gray.Size(2), gray.Size(3));

    private static Image Gray(Tensor gray)
    {
        var bytes = Array.ConvertAll(gray.Data, value => (byte)MathF.Round(value * 255));
        return Image
            .NewFromMemory(bytes, gray.Size(3), gray.Size(2), 1, Enums.BandFormat.Uchar)
            .Copy(interpretation: Enums.Interpretation.Bw);
    }

    /// <summary>A gray profile with gamma 1 and nothing else, laid out by ICC.1:2022.</summary>
    internal static byte[] LinearGrayProfile()
    {
        var profile = new byte[128 + 4 + (2 * 12) + 20 + 12];
        var header = profile.AsSpan();
        Put(0, (uint)profile.Length);
        Put(8, 0x02400000);
        "mntrGRAYXYZ "u8.CopyTo(header[12..]);
        "acsp"u8.CopyTo(header[36..]);
        Put(68, 0x0000F6D6); // the light of the connection space, D50
        Put(72, 0x00010000);
        Put(76, 0x0000D32D);
        Put(128, 2);
        "wtpt"u8.CopyTo(header[132..]);
        Put(136, 156);
        Put(140, 20);
        "kTRC"u8.CopyTo(header[144..]);
        Put(148, 176);
        Put(152, 12);
        "XYZ "u8.CopyTo(header[156..]);
        Put(164, 0x0000F6D6);
        Put(168, 0x00010000);
        Put(172, 0x0000D32D);
        "curv"u8.CopyTo(header[176..]); // no points: the identity
        return profile;

        void Put(int place, uint value) =>
            System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(profile.AsSpan(place), value);
    }

    private static Photo Read(byte[] bytes, ImageReadOptions? options = null)
    {
        using var stream = new MemoryStream(bytes);
        return ImageFile.Read(stream, "test image", options);
    }
}
