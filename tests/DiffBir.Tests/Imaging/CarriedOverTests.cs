using System.Text;
using DiffBir.Imaging;
using DiffBir.Imaging.Layouts;
using DiffBir.Imaging.Metadata;
using DiffBir.Randomness;
using DiffBir.Tests.Support;
using NetVips;

namespace DiffBir.Tests.Imaging;

/// <summary>IPTC and a TIFF's compression, from an input to an output.</summary>
public sealed class CarriedOverTests
{
    // Record 1, version; record 2: version, title, caption of an odd length, a value that ends with zeros.
    private static readonly byte[] IptcBlock =
    [
        .. new byte[] { 0x1C, 1, 90, 0, 3, 0x1B, 0x25, 0x47 },
        .. new byte[] { 0x1C, 2, 0, 0, 2, 0, 4 },
        .. new byte[] { 0x1C, 2, 5, 0, 7 },
        .. "Großma"u8,
        .. new byte[] { 0x1C, 2, 120, 0, 5 },
        .. "1921."u8,
        .. new byte[] { 0x1C, 2, 200, 0, 2, 0, 0 },
    ];

    [Theory]
    [InlineData(ImageFormat.Jpeg)]
    [InlineData(ImageFormat.Tiff)]
    [InlineData(ImageFormat.Png)]
    public void Iptc_goes_from_every_format_that_holds_it_to_every_other(ImageFormat format)
    {
        using var photo = Photo(new PhotoMetadata(Iptc: IptcBlock, Exif: ExifBlob.Clean(MetadataTests.Exif(bigEndian: false))));

        using var first = Read(Write(photo, format));
        first.Metadata.Iptc.ShouldBe(IptcBlock);
        first.Metadata.Exif.ShouldNotBeNull();

        foreach (var next in new[] { ImageFormat.Jpeg, ImageFormat.Tiff, ImageFormat.Png })
        {
            using var restored = first.WithPixels(PlanarImage.Of(Pictures.Gradient(20, 20)));
            using var second = Read(Write(restored, next));
            second.Metadata.Iptc.ShouldBe(IptcBlock);
            second.Pixels.ToTensor().ShouldBeCloseTo(Pictures.Gradient(20, 20), next == ImageFormat.Jpeg ? 0.4 : 1.0 / 254);
        }
    }

    [Fact]
    public void Iptc_of_a_jpeg_is_what_other_programs_expect_and_the_thumbnail_beside_it_goes()
    {
        byte[] thumbnail = [.. "8BIM"u8, 0x04, 0x0C, 4, .. "name"u8, 0, 0, 0, 0, 3, 1, 2, 3, 0];
        byte[] segment = [.. "Photoshop 3.0\0"u8, .. thumbnail, .. Resource(IptcBlock)];
        using var source = Pictures
            .Vips(Pictures.Gradient(16, 16))
            .Mutate(target => target.Set(GValue.BlobType, "iptc-data", segment));

        using var photo = Read(source.JpegsaveBuffer());
        using var written = Image.NewFromBuffer(Write(photo, ImageFormat.Jpeg));

        ((byte[])written.Get("iptc-data")).ShouldBe([.. "Photoshop 3.0\0"u8, .. Resource(IptcBlock)]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Iptc_of_a_tiff_is_found_as_bytes_as_numbers_and_inside_of_photoshop_s_tag(bool bigEndian)
    {
        var padded = new byte[(IptcBlock.Length + 3) / 4 * 4];
        IptcBlock.CopyTo(padded, 0);
        var turned = (byte[])padded.Clone();
        for (var start = 0; start < turned.Length; start += 4)
        {
            turned.AsSpan(start, 4).Reverse();
        }

        TiffEntry[] bare =
        [
            new(TiffDirectory.Undefined, (uint)IptcBlock.Length, IptcBlock),
            new(TiffDirectory.Long, (uint)padded.Length / 4, padded),
            new(TiffDirectory.Long, (uint)turned.Length / 4, turned),
        ];

        foreach (var entry in bare)
        {
            IptcRecords.FromTiff(Tiff(0x83BB, entry, bigEndian), page: 1).ShouldBe(IptcBlock);
        }

        var wrapped = Resource(IptcBlock);
        IptcRecords
            .FromTiff(Tiff(0x8649, new TiffEntry(1, (uint)wrapped.Length, wrapped), bigEndian), page: 1)
            .ShouldBe(IptcBlock);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_a_file_says_of_a_photo_is_that_of_its_page(bool bigEndian)
    {
        const ushort software = 0x0131;
        const int end = 8 + 2 + 12; // of a directory with one tag that fits into it
        var first = new TiffDirectory { Entries = { [0x0103] = Compression(bigEndian ? [0, 5] : [5, 0]) } };
        var second = new TiffDirectory
        {
            Entries =
            {
                [0x0103] = Compression(bigEndian ? [0, 8] : [8, 0]),
                [software] = new TiffEntry(2, 8, "scanner\0"u8.ToArray()),
                [0x83BB] = new TiffEntry(TiffDirectory.Undefined, (uint)IptcBlock.Length, IptcBlock),
            },
        };
        byte[] begin = [.. TiffWriter.Header(bigEndian, 8), .. TiffWriter.Lay(first, 8, bigEndian)];
        begin[bigEndian ? end + 3 : end] = (byte)begin.Length; // where the next page is
        using var file = new MemoryStream([.. begin, .. TiffWriter.Lay(second, (uint)begin.Length, bigEndian)]);

        TiffTags.CompressionOf(file, page: 1).ShouldBe(TiffCompression.Lzw);
        TiffTags.CompressionOf(file, page: 2).ShouldBe(TiffCompression.Deflate);
        (TiffNumbers.Read(file, page: 1)[0x0103], TiffNumbers.Read(file, page: 2)[0x0103]).ShouldBe((5, 8));
        IptcRecords.FromTiff(file, page: 1).ShouldBeNull();
        IptcRecords.FromTiff(file, page: 2).ShouldBe(IptcBlock);
        ExifBlob.FromTiff(file, page: 1).ShouldBeNull();
        TiffReader
            .Open(new MemoryStream(ExifBlob.FromTiff(file, page: 2)!))!
            .ReadPage(static _ => true)!
            .Entries.ShouldContainKey(software);
        TiffTags.CompressionOf(file, page: 3).ShouldBeNull();
    }

    private static TiffEntry Compression(byte[] number) => new(TiffDirectory.Short, 1, number);

    [Fact]
    public void Iptc_that_lies_about_everything_is_left_out_not_believed()
    {
        byte[] resources = [.. "Photoshop 3.0\0"u8, .. Resource(IptcBlock)];
        var text = IptcRecords.ForPng(IptcBlock);
        var random = SplitMix64.For(7, "iptc");
        for (var round = 0; round < 20_000; round++)
        {
            var bytes = (byte[])resources.Clone();
            var letters = text.ToCharArray();
            for (var change = 0; change <= round % 4; change++)
            {
                bytes[random.Integer(bytes.Length)] = (byte)random.Integer(256);
                letters[random.Integer(letters.Length)] = (char)random.Integer(128);
            }

            bytes = bytes[..random.Integer(bytes.Length)];
            (IptcRecords.FromPhotoshop(bytes)?.Length ?? 0).ShouldBeLessThanOrEqualTo(bytes.Length);
            (IptcRecords.FromPngText(new string(letters))?.Length ?? 0).ShouldBeLessThanOrEqualTo(text.Length);
        }
    }

    [Fact]
    public void Iptc_too_long_for_a_jpeg_is_left_out_and_the_photo_written()
    {
        byte[] caption = [0x1C, 2, 120, 0x80, 3, 1, 0, 0, .. Encoding.ASCII.GetBytes(new string('a', 65_536))];
        using var photo = Photo(new PhotoMetadata(Iptc: caption));

        using var jpeg = Read(Write(photo, ImageFormat.Jpeg));
        using var png = Read(Write(photo, ImageFormat.Png));

        jpeg.Metadata.Iptc.ShouldBeNull();
        png.Metadata.Iptc.ShouldBe(caption);
    }

    [Theory]
    [InlineData(Enums.ForeignTiffCompression.None)]
    [InlineData(Enums.ForeignTiffCompression.Lzw)]
    [InlineData(Enums.ForeignTiffCompression.Deflate)]
    [InlineData(Enums.ForeignTiffCompression.Packbits)]
    [InlineData(Enums.ForeignTiffCompression.Jpeg)]
    public void A_tiff_keeps_its_compression(Enums.ForeignTiffCompression compression)
    {
        using var color = Pictures.Vips(Pictures.Gradient(64, 64));
        using var gray = color[0].Copy(interpretation: Enums.Interpretation.Bw);
        foreach (var image in new[] { color, gray })
        {
            var original = image.TiffsaveBuffer(compression: compression);
            using var photo = Read(original);
            using var restored = photo.WithPixels(PlanarImage.Of(Pictures.Gradient(64, 64)));

            var bytes = Write(restored, ImageFormat.Tiff);

            CompressionTag(bytes).ShouldBe(CompressionTag(original));
            using var back = Read(bytes);
            back.Pixels.ToTensor()
                .ShouldBeCloseTo(restored.Pixels.ToTensor(), compression == Enums.ForeignTiffCompression.Jpeg ? 0.4 : 1.0 / 254);
        }
    }

    [Fact]
    public void A_tiff_s_lossy_compression_gives_way_where_it_would_lose_transparency_or_depth()
    {
        using var deep = Photo(PhotoMetadata.None, TiffCompression.Jpeg, BitDepth.Sixteen);
        using var clear = new Photo(
            PlanarImage.Of(Pictures.Gradient(16, 16)),
            PlanarImage.Of(Pictures.Gradient(16, 16, channels: 1))
        )
        {
            TiffCompression = TiffCompression.Jpeg,
        };

        foreach (var photo in new[] { deep, clear })
        {
            CompressionTag(Write(photo, ImageFormat.Tiff)).ShouldBe(8);
        }
    }

    private static byte[] Resource(byte[] iptc)
    {
        byte[] resource = [.. "8BIM"u8, 0x04, 0x04, 0, 0, 0, 0, 0, (byte)iptc.Length, .. iptc];
        return iptc.Length % 2 == 0 ? resource : [.. resource, 0];
    }

    private static MemoryStream Tiff(ushort tag, TiffEntry entry, bool bigEndian)
    {
        var directory = new TiffDirectory { Entries = { [tag] = entry } };
        return new MemoryStream([.. TiffWriter.Header(bigEndian, 8), .. TiffWriter.Lay(directory, 8, bigEndian)]);
    }

    private static int CompressionTag(byte[] tiff) =>
        BitConverter.ToUInt16(TiffReader.Open(new MemoryStream(tiff))!.ReadPage(static _ => true)!.Entries[0x0103].Data);

    private static Photo Photo(PhotoMetadata metadata, TiffCompression? compression = null, BitDepth depth = BitDepth.Eight) =>
        new(PlanarImage.Of(Pictures.Gradient(16, 16)))
        {
            Depth = depth,
            TiffCompression = compression,
            Metadata = metadata,
        };

    private static byte[] Write(Photo photo, ImageFormat format)
    {
        using var stream = new MemoryStream();
        ImageFile.Write(photo, stream, new ImageEncoding(format) { Rounding = Rounding.Nearest });
        return stream.ToArray();
    }

    private static Photo Read(byte[] bytes)
    {
        using var stream = new MemoryStream(bytes);
        return ImageFile.Read(stream, "test image");
    }
}
