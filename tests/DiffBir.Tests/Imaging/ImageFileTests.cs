using DiffBir.Imaging;
using DiffBir.Tests.Support;
using NetVips;

namespace DiffBir.Tests.Imaging;

public sealed class ImageFileTests : IDisposable
{
    private const double LossyTolerance = 0.15; // quality 95 on a color texture that halved chroma (WebP) cannot hold

    private readonly string _folder = Directory.CreateTempSubdirectory("diffbir-images-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(ImageFormat.Png, BitDepth.Eight)]
    [InlineData(ImageFormat.Png, BitDepth.Sixteen)]
    [InlineData(ImageFormat.Tiff, BitDepth.Eight)]
    [InlineData(ImageFormat.Tiff, BitDepth.Sixteen)]
    [InlineData(ImageFormat.WebP, BitDepth.Eight)]
    public void A_lossless_format_gives_every_value_back(ImageFormat format, BitDepth depth)
    {
        var steps = depth == BitDepth.Eight ? 255 : 65535;
        var image = Pictures.Gradient(61, 47, steps);
        using var photo = new Photo(PlanarImage.Of(image)) { Depth = depth };
        var encoding = new ImageEncoding(format) { Quality = 100, Rounding = Rounding.Nearest };

        using var back = RoundTrip(photo, encoding);

        back.Format.ShouldBe(format);
        back.Depth.ShouldBe(depth);
        back.Alpha.ShouldBeNull();
        back.Pixels.ToTensor().ShouldBeCloseTo(image, 0);
    }

    [Theory]
    [InlineData(ImageFormat.Png, BitDepth.Eight)]
    [InlineData(ImageFormat.Png, BitDepth.Sixteen)]
    [InlineData(ImageFormat.Tiff, BitDepth.Eight)]
    [InlineData(ImageFormat.Tiff, BitDepth.Sixteen)]
    [InlineData(ImageFormat.WebP, BitDepth.Eight)]
    public void Transparency_comes_back(ImageFormat format, BitDepth depth)
    {
        var steps = depth == BitDepth.Eight ? 255 : 65535;
        var (image, alpha) = (Pictures.Gradient(20, 31, steps), Pictures.Gradient(20, 31, steps, channels: 1));
        using var photo = new Photo(PlanarImage.Of(image), PlanarImage.Of(alpha)) { Depth = depth };

        using var back = RoundTrip(photo, new ImageEncoding(format) { Quality = 100, Rounding = Rounding.Nearest });

        back.Pixels.ToTensor().ShouldBeCloseTo(image, 0);
        back.Alpha.ShouldNotBeNull().ToTensor().ShouldBeCloseTo(alpha, 0);
    }

    [Theory]
    [InlineData(ImageFormat.Jpeg)]
    [InlineData(ImageFormat.WebP)]
    public void A_lossy_format_stays_close(ImageFormat format)
    {
        var image = Pictures.Gradient(64, 64);

        using var back = RoundTrip(Photo.Of(image), new ImageEncoding(format));

        back.Pixels.ToTensor().ShouldBeCloseTo(image, LossyTolerance);
    }

    [Fact]
    public void A_picture_of_many_strips_is_written_and_read_whole()
    {
        var image = Pictures.Gradient(1500, 1100);

        using var back = RoundTrip(Photo.Of(image), new ImageEncoding(ImageFormat.Tiff) { Rounding = Rounding.Nearest });

        back.Pixels.ToTensor().ShouldBeCloseTo(image, 0);
    }

    [Fact]
    public void An_8_bit_value_k_is_exactly_k_over_255()
    {
        var bytes = Enumerable.Range(0, 256).SelectMany(k => new[] { (byte)k, (byte)k, (byte)k }).ToArray();
        using var image = Image
            .NewFromMemory(bytes, 256, 1, 3, Enums.BandFormat.Uchar)
            .Copy(interpretation: Enums.Interpretation.Srgb);

        using var photo = Read(image.PngsaveBuffer());

        photo.Pixels.ReadBox(0, 0, 1, 256).Data.ShouldBe([.. Enumerable.Range(0, 768).Select(index => index % 256 / 255f)]);
    }

    [Fact]
    public void Output_of_8_bits_is_truncated_as_the_original_does_it()
    {
        var image = new Tensor([0.999f, 0.5f, 1.7f], 1, 3, 1, 1);

        using var back = RoundTrip(Photo.Of(image), new ImageEncoding(ImageFormat.Png));

        back.Pixels.ToTensor().Data.ShouldBe([254 / 255f, 127 / 255f, 1]);
    }

    [Fact]
    public void Sixteen_bits_become_eight_where_the_format_has_no_more()
    {
        using var photo = new Photo(PlanarImage.Of(Pictures.Gradient(8, 8, 65535))) { Depth = BitDepth.Sixteen };

        using var back = RoundTrip(photo, new ImageEncoding(ImageFormat.Jpeg));

        back.Depth.ShouldBe(BitDepth.Eight);
    }

    [Fact]
    public void Inspecting_tells_the_upright_size_without_decoding()
    {
        var bytes = MetadataTests.WithOrientation(Pictures.Gradient(10, 30), 6);

        using var stream = new MemoryStream(bytes);

        ImageFile
            .Inspect(stream, "turned.jpg")
            .ShouldBe(new ImageInfo(ImageFormat.Jpeg, 10, 30, BitDepth.Eight, HasAlpha: false));
    }

    [Fact]
    public void A_stream_that_cannot_be_searched_is_read_and_written_too()
    {
        var image = Pictures.Gradient(9, 9);
        foreach (var format in Enum.GetValues<ImageFormat>().Where(format => format.IsWritten()))
        {
            var bytes = new MemoryStream();
            using (var oneWay = new OneWayStream(bytes))
            {
                ImageFile.Write(Photo.Of(image), oneWay, new ImageEncoding(format));
            }

            bytes.Position = 0;
            using var photo = ImageFile.Read(new OneWayStream(bytes), "upload");
            photo.Format.ShouldBe(format);
        }
    }

    [Fact]
    public void The_file_is_named_by_its_content_not_by_its_extension()
    {
        var path = Path.Combine(_folder, "really.webp");
        ImageFile.Write(Photo.Of(Pictures.Gradient(9, 9)), path, new ImageEncoding(ImageFormat.Png));

        using var photo = ImageFile.Read(path);

        photo.Format.ShouldBe(ImageFormat.Png);
    }

    [Fact]
    public void The_transparency_is_enlarged_with_the_picture()
    {
        var alpha = new Tensor(1, 1, 8, 8);
        alpha.Span[..32].Fill(1);
        using var photo = Photo.Of(Pictures.Gradient(8, 8), alpha);

        using var restored = photo.WithPixels(PlanarImage.Of(Pictures.Gradient(32, 32)));

        var enlarged = restored.Alpha.ShouldNotBeNull().ToTensor();
        enlarged.ShouldSatisfyAllConditions(
            () => enlarged.Shape.ToArray().ShouldBe([1, 1, 32, 32]),
            () => enlarged.Data[5].ShouldBe(1, 0.1f),
            () => enlarged.Data[^5].ShouldBe(0, 0.1f)
        );
    }

    [Fact]
    public void A_picture_that_is_opaque_everywhere_has_no_transparency()
    {
        var alpha = new Tensor(1, 1, 4, 4);
        alpha.Span.Fill(1);

        using var back = RoundTrip(Photo.Of(Pictures.Gradient(4, 4), alpha), new ImageEncoding(ImageFormat.Png));

        back.Alpha.ShouldBeNull();
    }

    private static Photo Read(byte[] bytes)
    {
        using var stream = new MemoryStream(bytes);
        return ImageFile.Read(stream, "test image");
    }

    private Photo RoundTrip(Photo photo, ImageEncoding encoding)
    {
        var path = Path.Combine(_folder, "round-trip" + encoding.Format.Extension());
        ImageFile.Write(photo, path, encoding);
        Directory.GetFiles(_folder).ShouldBe([path], "nothing temporary stays");
        return ImageFile.Read(path);
    }

    private sealed class OneWayStream(Stream inner) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override void Flush() { }

        public override int Read(byte[] buffer, int offset, int count) => inner.Read(buffer, offset, count);

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => inner.Write(buffer, offset, count);
    }
}
