using System.Buffers.Binary;
using System.Text.RegularExpressions;
using DiffBir.Imaging;
using DiffBir.Imaging.Layouts;
using NetVips;

namespace DiffBir.Tests.Imaging;

/// <summary>Files that cannot be decoded row by row: refused where memory is too small for them, in a sentence that says how much they need.</summary>
public sealed partial class DecodingMemoryTests
{
    private const int Width = 400;
    private const int Height = 300;
    private const int Small = 150_000; // little more than a byte for each pixel

    /// <summary>Each kind of file that is decoded as a whole, and what it is called.</summary>
    private static readonly Dictionary<string, (string Kind, Func<Image, byte[]> Save)> WholeKinds = new()
    {
        ["jpeg progressive"] = ("a progressive JPEG", picture => picture.JpegsaveBuffer(q: 90, interlace: true)),
        ["jpeg full color"] = (
            "a progressive JPEG",
            picture => picture.JpegsaveBuffer(q: 90, interlace: true, subsampleMode: Enums.ForeignSubsample.Off)
        ),
        ["png interlaced"] = ("an interlaced PNG", picture => picture.PngsaveBuffer(interlace: true)),
        ["webp"] = ("a WebP file", picture => picture.WebpsaveBuffer()),
        ["webp lossless"] = ("a WebP file", picture => picture.WebpsaveBuffer(lossless: true)),
        ["gif"] = ("a GIF file", picture => picture.GifsaveBuffer(effort: 1)),
        ["avif"] = ("an AVIF file", picture => picture.HeifsaveBuffer(compression: Enums.ForeignHeifCompression.Av1, effort: 0)),
        ["tiff of one strip"] = (
            "a TIFF file with large strips",
            picture => OneStrip(picture, Enums.ForeignTiffCompression.Jpeg)
        ),
        ["tiff of one deflated strip"] = (
            "a TIFF file with large strips",
            picture => OneStrip(picture, Enums.ForeignTiffCompression.Deflate)
        ),
        ["tiff of large tiles"] = ("a TIFF file with large tiles", picture => OneTile(picture, isBig: false)),
        ["bigtiff of large tiles"] = ("a TIFF file with large tiles", picture => OneTile(picture, isBig: true)),
    };

    private static readonly Dictionary<string, Func<Image, byte[]>> RowKinds = new()
    {
        ["jpeg"] = picture => picture.JpegsaveBuffer(),
        ["png"] = picture => picture.PngsaveBuffer(),
        ["tiff of one strip that is not compressed"] = picture => OneStrip(picture, Enums.ForeignTiffCompression.None),
        ["tiff of small strips"] = picture =>
            picture.TiffsaveBuffer(compression: Enums.ForeignTiffCompression.Jpeg, tileHeight: 16),
    };

    public static TheoryData<string> Whole => [.. WholeKinds.Keys];

    public static TheoryData<string> ByRow => [.. RowKinds.Keys];

    [Theory]
    [MemberData(nameof(Whole))]
    public void A_file_that_is_decoded_as_a_whole_is_refused_with_the_limit_that_it_needs(string name)
    {
        var (kind, save) = WholeKinds[name];
        using var picture = Noise(Width, Height);
        var bytes = save(picture);

        var refusal = Should.Throw<ImageException>(() => Read(bytes, Small)).Message;

        refusal.ShouldStartWith($"photo is {kind}");
        refusal.ShouldContain("of memory, more than the half of the 1 MB allowed. Allow ");
        var needed = int.Parse(Allow().Match(refusal).Groups["megabytes"].Value) * 1_000_000L;
        using var photo = Read(bytes, needed);
        photo.Width.ShouldBe(Width);
    }

    [Theory]
    [MemberData(nameof(ByRow))]
    public void A_file_that_is_decoded_row_by_row_is_read_whatever_the_limit(string name)
    {
        using var picture = Noise(Width, Height);

        using var photo = Read(RowKinds[name](picture), Small);

        photo.Width.ShouldBe(Width);
    }

    [Fact]
    public void A_header_that_takes_too_much_memory_is_refused_before_it_is_read()
    {
        using var picture = Noise(16, 16);
        byte[] segment = [0xFF, 0xE5, 0xFF, 0xFF, .. new byte[65_533]];
        var whole = picture.JpegsaveBuffer();
        byte[] padded = [.. whole[..2], .. Enumerable.Repeat(segment, 40).SelectMany(bytes => bytes), .. whole[2..]];

        Should
            .Throw<ImageException>(() => Read(padded, Small))
            .Message.ShouldStartWith("photo is a JPEG file of which much is read at once: it takes 3 MB of memory");
        Read(padded, 6_000_000).Dispose();
    }

    [Fact]
    public void Without_a_limit_what_the_machine_has_free_is_the_limit()
    {
        var picture = new DecodedSize(1 << 24, 1 << 24, 3); // 2,000 TB

        Should
            .Throw<ImageException>(() =>
                new WebPLayout(FileBytes: 10, DeclaredPixels: 0).Validate("photo", picture, 10, maxMemory: null)
            )
            .Message.ShouldContain(" MB that are free. Close other programs, or save it as PNG or JPEG.");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_JPEG_whose_data_cannot_be_that_large_is_refused(bool isProgressive)
    {
        using var picture = Noise(16, 16);
        var bytes = picture.JpegsaveBuffer(interlace: isProgressive);
        var frame = bytes.AsSpan().IndexOf([(byte)0xFF, isProgressive ? (byte)0xC2 : (byte)0xC0]);
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(frame + 5), 16_000);
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(frame + 7), 16_000);

        Should
            .Throw<ImageException>(() => Read(bytes))
            .Message.ShouldBe(
                $"photo claims 16000×16000 pixels, which {bytes.Length:N0} bytes cannot hold; it is incomplete or damaged. Take another copy of it."
            );
    }

    [Fact]
    public void A_PNG_whose_data_cannot_be_that_large_is_refused()
    {
        var bytes = HostileFiles.Png(16_000, 16_000, HostileFiles.Deflated(48_001));

        Should.Throw<ImageException>(() => Read(bytes)).Message.ShouldStartWith("photo claims 16000×16000 pixels, which ");
    }

    [Theory]
    [InlineData(1, 3000)]
    [InlineData(3000, 1)]
    [InlineData(1000, 1000)]
    public void The_smallest_files_of_a_single_color_are_read(int width, int height)
    {
        using var black = Image.Black(width, height, 3).Copy(interpretation: Enums.Interpretation.Srgb);

        foreach (var isProgressive in new[] { false, true })
        {
            Read(black.JpegsaveBuffer(q: 1, interlace: isProgressive, optimizeCoding: true, keep: Enums.ForeignKeep.None))
                .Dispose();
            Read(black.PngsaveBuffer(compression: 9, interlace: isProgressive, keep: Enums.ForeignKeep.None)).Dispose();
        }
    }

    [Fact]
    public void A_TIFF_file_of_one_strip_beyond_the_codecs_own_limit_is_read()
    {
        using var picture = Noise(4500, 4500);

        using var photo = Read(OneStrip(picture, Enums.ForeignTiffCompression.Packbits));

        photo.Height.ShouldBe(4500);
    }

    private static byte[] OneStrip(Image picture, Enums.ForeignTiffCompression compression) =>
        picture.TiffsaveBuffer(compression: compression, tileHeight: picture.Height);

    private static byte[] OneTile(Image picture, bool isBig) =>
        picture.TiffsaveBuffer(
            compression: Enums.ForeignTiffCompression.Deflate,
            tile: true,
            tileWidth: 512,
            tileHeight: 512,
            bigtiff: isBig
        );

    private static Image Noise(int width, int height)
    {
        using var noise = Image.Gaussnoise(width, height, mean: 128, sigma: 40);
        return noise.Bandjoin(noise, noise).Cast(Enums.BandFormat.Uchar).Copy(interpretation: Enums.Interpretation.Srgb);
    }

    private static Photo Read(byte[] bytes, long? maxMemory = null)
    {
        using var stream = new MemoryStream(bytes);
        return ImageFile.Read(stream, "photo", new ImageReadOptions { MaxMemory = maxMemory });
    }

    [GeneratedRegex(@"Allow (?<megabytes>\d+) MB \(--max-memory\)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Allow();
}
