using System.Text;
using DiffBir.Imaging;
using DiffBir.Imaging.Metadata;
using DiffBir.Tests.Support;
using NetVips;

namespace DiffBir.Tests.Imaging;

public sealed class MetadataTests
{
    internal const double InkTolerance = 0.05; // the press profile's two directions differ by this much

    [Theory]
    [InlineData(ImageFormat.Png)]
    [InlineData(ImageFormat.Jpeg)]
    [InlineData(ImageFormat.WebP)]
    [InlineData(ImageFormat.Tiff)]
    public void Exif_xmp_profile_and_resolution_survive_every_format(ImageFormat format)
    {
        var profile = Profile("p3");
        var xmp = "<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF>größe</rdf:RDF></x:xmpmeta>"u8.ToArray();
        var exif = ExifBlob.Clean(Exif(bigEndian: false))!;
        using var photo = new Photo(PlanarImage.Of(Pictures.Gradient(16, 24)))
        {
            Metadata = new PhotoMetadata(profile, exif, xmp, (300, 150)),
        };

        using var back = RoundTrip(photo, format);

        back.Metadata.Icc.ShouldBe(profile);
        Encoding.UTF8.GetString(back.Metadata.Xmp!).TrimEnd().ShouldBe(Encoding.UTF8.GetString(xmp));
        var tags = Tags(back.Metadata.Exif!);
        Text(tags, 0x010F).ShouldBe("Acme");
        Text(tags, 0x8298).ShouldBe("© someone");
        Text(tags.Children[TiffDirectory.ExifPointer], 0x9003).ShouldBe("2001:02:03 04:05:06");
        tags.Children[TiffDirectory.GpsPointer].Entries[1].Data[0].ShouldBe((byte)'N');
        if (format != ImageFormat.WebP)
        {
            back.Metadata.DotsPerInch.ShouldNotBeNull().X.ShouldBe(300, 1);
            back.Metadata.DotsPerInch.ShouldNotBeNull().Y.ShouldBe(150, 1);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    public void The_orientation_is_applied_and_then_reset(int orientation)
    {
        var stored = Pictures.Gradient(300, 7);
        using var color = Pictures.Vips(stored);
        using var gray = color[1].Copy(interpretation: Enums.Interpretation.Bw);
        using var transparent = gray.Bandjoin(color[0]).Copy(interpretation: Enums.Interpretation.Bw);
        foreach (var image in new[] { color, gray, transparent })
        {
            using var turned = image.Mutate(target => target.Set(GValue.GIntType, "orientation", orientation));
            var bytes = turned.PngsaveBuffer();
            using var upright = Image.NewFromBuffer(bytes).Autorot();
            using var wanted = upright.Bands < 3 ? upright[0].Bandjoin(upright[0], upright[0]) : upright;
            var expected = Planes(wanted);

            using var photo = Read(bytes);

            photo.Pixels.ToTensor().ShouldBeCloseTo(expected, 0);
            photo.Alpha?.ToTensor().ShouldBeCloseTo(Planes(upright[1]), 0);
            (photo.Alpha is null).ShouldBe(upright.Bands != 2);
            using var again = RoundTrip(photo, ImageFormat.Png);
            again.Pixels.ToTensor().ShouldBeCloseTo(expected, 1 / 254.0);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Cleaned_exif_has_no_thumbnail_no_old_size_and_stands_upright(bool bigEndian)
    {
        var tags = Tags(ExifBlob.Clean(Exif(bigEndian))!);

        tags.Entries.ContainsKey(0x0201).ShouldBeFalse();
        tags.Entries[0x0112].Data.ShouldBe(bigEndian ? [0, 1] : [1, 0]);
        tags.Children[TiffDirectory.ExifPointer].Entries.ContainsKey(0xA002).ShouldBeFalse();
        Text(tags, 0x010F).ShouldBe("Acme");
    }

    [Fact]
    public void Exif_that_lies_about_everything_is_left_out_not_believed()
    {
        var blob = Exif(bigEndian: false);
        var rounds = 0;
        for (var seed = 0; seed < 20_000; seed++)
        {
            var copy = (byte[])blob.Clone();
            for (var change = 0; change <= seed % 4; change++)
            {
                var mixed = Mix((ulong)((seed * 4) + change));
                copy[mixed % (ulong)copy.Length] = (byte)(mixed >> 32);
            }

            rounds += (ExifBlob.Clean(copy)?.Length ?? 0) <= 4 * blob.Length ? 1 : 0;
        }

        rounds.ShouldBe(20_000);
        ExifBlob.Clean([]).ShouldBeNull();
        ExifBlob.Clean("Exif\0\0II*\0\xFF\xFF\xFF\xFF"u8.ToArray()).ShouldBeNull();
    }

    [Theory]
    [InlineData("<a tiff:Orientation=\"6\"/>", "<a tiff:Orientation=\"1\"/>")]
    [InlineData("<tiff:Orientation> 8 </tiff:Orientation>", "<tiff:Orientation> 1 </tiff:Orientation>")]
    [InlineData("<a tiff:Orientation='1' b='6'/>", "<a tiff:Orientation='1' b='6'/>")]
    public void Xmp_stands_upright(string before, string after)
    {
        Encoding.UTF8.GetString(XmpText.Upright(Encoding.UTF8.GetBytes(before))!).ShouldBe(after);
        XmpText.Upright([0xFF, 0xFE, 0xC0]).ShouldBeNull();
    }

    [Fact]
    public void A_wide_rgb_space_is_kept_as_it_is()
    {
        var profile = Profile("p3");
        using var image = Pictures
            .Vips(Pictures.Gradient(9, 9))
            .Mutate(target => target.Set(GValue.BlobType, "icc-profile-data", profile));

        using var photo = Read(image.PngsaveBuffer());

        photo.Metadata.Icc.ShouldBe(profile);
        photo.Pixels.ToTensor().ShouldBeCloseTo(Pictures.Gradient(9, 9), 0);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Cmyk_becomes_srgb_through_its_profile_or_a_general_one(bool embedded)
    {
        var colors = Pictures.Gradient(32, 32);
        foreach (ref var value in colors.Span)
        {
            value = 0.4f + (0.2f * value); // inside what inks can print
        }

        using var inks = Pictures
            .Vips(colors)
            .IccTransform("cmyk", intent: Enums.Intent.Relative, blackPointCompensation: true, inputProfile: "srgb");
        using var image = embedded ? inks : inks.Mutate(target => target.Remove("icc-profile-data"));
        foreach (var bytes in new[] { image.JpegsaveBuffer(q: 100), image.TiffsaveBuffer() })
        {
            using var photo = Read(bytes);

            photo.Metadata.Icc.ShouldBeNull();
            photo.Pixels.ToTensor().ShouldBeCloseTo(colors, InkTolerance);
        }
    }

    [Fact]
    public void A_profile_of_another_kind_than_the_pixels_is_dropped()
    {
        var inks = Profile("cmyk");
        using var image = Pictures
            .Vips(Pictures.Gradient(9, 9))
            .Mutate(target => target.Set(GValue.BlobType, "icc-profile-data", inks));

        using var photo = Read(image.TiffsaveBuffer());

        photo.Metadata.Icc.ShouldBeNull();
        photo.Pixels.ToTensor().ShouldBeCloseTo(Pictures.Gradient(9, 9), 0);
    }

    [Theory]
    [InlineData(ImageFormat.Png)]
    [InlineData(ImageFormat.Jpeg)]
    [InlineData(ImageFormat.WebP)]
    [InlineData(ImageFormat.Tiff)]
    public void Exif_too_long_for_a_file_loses_its_longest_value_only(ImageFormat format)
    {
        var directory = Tags(ExifBlob.Clean(Exif(bigEndian: false))!);
        const ushort makerNote = 0x927C;
        directory.Children[TiffDirectory.ExifPointer].Entries[makerNote] = new TiffEntry(7, 70_000, new byte[70_000]);
        byte[] exif = [.. TiffWriter.Header(bigEndian: false, 8), .. TiffWriter.Lay(directory, 8, bigEndian: false)];
        using var photo = new Photo(PlanarImage.Of(Pictures.Gradient(8, 8)))
        {
            Metadata = new PhotoMetadata(Exif: ExifBlob.Clean(exif)),
        };

        using var back = RoundTrip(photo, format);

        Text(Tags(back.Metadata.Exif!), 0x010F).ShouldBe("Acme");
    }

    internal static byte[] WithOrientation(Tensor image, int orientation, ImageFormat format = ImageFormat.Jpeg)
    {
        using var vips = Pictures.Vips(image).Mutate(target => target.Set(GValue.GIntType, "orientation", orientation));
        return format == ImageFormat.Jpeg ? vips.JpegsaveBuffer() : vips.PngsaveBuffer();
    }

    /// <summary>A JPEG that is to be turned, with EXIF, XMP and a profile.</summary>
    internal static byte[] FromCamera(Tensor image, int orientation, byte[] profile)
    {
        var xmp = $"""
            <x:xmpmeta xmlns:x="adobe:ns:meta/" tiff:Orientation="{orientation}"><dc:title>größe</dc:title></x:xmpmeta>
            """;
        using var vips = Pictures
            .Vips(image)
            .Mutate(target =>
            {
                target.Set(GValue.BlobType, "exif-data", Exif(bigEndian: false));
                target.Set(GValue.BlobType, "xmp-data", Encoding.UTF8.GetBytes(xmp));
                target.Set(GValue.BlobType, "icc-profile-data", profile);
                target.Set(GValue.GIntType, "orientation", orientation);
            });
        return vips.JpegsaveBuffer(q: 100);
    }

    /// <summary>The orientation that a file asks for; null where it asks for none.</summary>
    internal static int? OrientationOf(string path)
    {
        using var image = Image.NewFromFile(path);
        return image.Contains("orientation") ? (int)image.Get("orientation") : null;
    }

    private static Tensor Planes(Image image)
    {
        var bytes = image.WriteToMemory<byte>();
        var (plane, bands) = (image.Width * image.Height, image.Bands);
        var result = new Tensor(1, bands, image.Height, image.Width);
        for (var index = 0; index < bytes.Length; index++)
        {
            result.Data[(index % bands * plane) + (index / bands)] = bytes[index] / 255f;
        }

        return result;
    }

    internal static byte[] Profile(string name)
    {
        using var loaded = Pictures.Vips(new Tensor(1, 3, 1, 1)).IccTransform(name, inputProfile: "srgb");
        return (byte[])loaded.Get("icc-profile-data");
    }

    /// <summary>EXIF as cameras write it: two directories, a thumbnail, a place, an interoperability directory.</summary>
    internal static byte[] Exif(bool bigEndian)
    {
        var gps = new TiffDirectory { Entries = { [1] = Ascii("N") } };
        var interoperability = new TiffDirectory { Entries = { [1] = Ascii("R98") } };
        var exif = new TiffDirectory
        {
            Entries = { [0x9003] = Ascii("2001:02:03 04:05:06"), [0xA002] = new TiffEntry(TiffDirectory.Long, 1, [0, 0, 16, 0]) },
            Children = { [TiffDirectory.InteroperabilityPointer] = interoperability },
        };
        var first = new TiffDirectory
        {
            Entries =
            {
                [0x010F] = Ascii("Acme"),
                [0x0112] = new TiffEntry(TiffDirectory.Short, 1, [6, 0]),
                [0x0201] = new TiffEntry(TiffDirectory.Long, 1, [9, 0, 0, 0]),
                [0x8298] = Ascii("© someone"),
            },
            Children = { [TiffDirectory.ExifPointer] = exif, [TiffDirectory.GpsPointer] = gps },
        };
        first = bigEndian ? first.WithBytesSwapped() : first;
        return [.. "Exif\0\0"u8, .. TiffWriter.Header(bigEndian, 8), .. TiffWriter.Lay(first, 8, bigEndian)];
    }

    private static TiffEntry Ascii(string text)
    {
        byte[] bytes = [.. Encoding.UTF8.GetBytes(text), 0];
        return new TiffEntry(2, (uint)bytes.Length, bytes);
    }

    private static TiffDirectory Tags(byte[] exif) => TiffReader.Open(new MemoryStream(exif))!.ReadPage(static _ => true)!;

    private static string Text(TiffDirectory directory, ushort tag) =>
        Encoding.UTF8.GetString(directory.Entries[tag].Data).TrimEnd('\0', ' ');

    private static Photo Read(byte[] bytes)
    {
        using var stream = new MemoryStream(bytes);
        return ImageFile.Read(stream, "test image");
    }

    private static Photo RoundTrip(Photo photo, ImageFormat format)
    {
        using var stream = new MemoryStream();
        ImageFile.Write(photo, stream, new ImageEncoding(format));
        stream.Position = 0;
        return ImageFile.Read(stream, "round trip");
    }

    private static ulong Mix(ulong seed)
    {
        // splitmix64
        seed += 0x9E3779B97F4A7C15;
        seed = (seed ^ (seed >> 30)) * 0xBF58476D1CE4E5B9;
        seed = (seed ^ (seed >> 27)) * 0x94D049BB133111EB;
        return seed ^ (seed >> 31);
    }
}
