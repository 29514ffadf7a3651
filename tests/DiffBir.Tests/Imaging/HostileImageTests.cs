using System.Text;
using DiffBir.Imaging;
using DiffBir.Tests.Support;
using NetVips;

namespace DiffBir.Tests.Imaging;

/// <summary>Files made to break a reader. Each is refused in one sentence, or read; nothing else may happen.</summary>
public sealed class HostileImageTests : IDisposable
{
    private const int MutationsPerFile = 250;
    private const int CutsPerFile = 120;

    private static readonly ImageReadOptions Tight = new() { MaxPixels = 1_000_000 };

    private readonly string _folder = Directory.CreateTempSubdirectory("diffbir-hostile-").FullName;

    public static TheoryData<string> Seeds => [.. HostileFiles.SeedFiles().Keys];

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_truncated_file_is_refused_wherever_it_ends(string name)
    {
        var whole = HostileFiles.SeedFiles()[name];
        using var complete = Read(whole);
        var step = Math.Max(whole.Length / (name == "jpeg cmyk" ? CutsPerFile / 5 : CutsPerFile), 1);
        var expected = complete.Pixels.ToTensor();
        for (var length = 0; length < whole.Length; length += length > whole.Length - 20 ? 1 : step)
        {
            try
            {
                using var photo = Read(whole[..length]);

                // Only what comes after the pixels may be missing.
                photo.Pixels.ToTensor().ShouldBeCloseTo(expected, 0, $"{name} cut to {length} of {whole.Length}");
            }
            catch (ImageException error)
            {
                RequireSentence(error);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_damaged_file_is_read_or_refused_but_does_no_harm(string name)
    {
        var whole = HostileFiles.SeedFiles()[name];
        var random = new HostileFiles.Draws(name);
        // Ink goes through a profile, which takes its time.
        var rounds = name == "jpeg cmyk" ? MutationsPerFile / 10 : MutationsPerFile;
        for (var round = 0; round < rounds; round++)
        {
            var copy = (byte[])whole.Clone();
            for (var change = random.Below(6); change >= 0; change--)
            {
                HostileFiles.Mutate(ref copy, random);
            }

            try
            {
                using var photo = Read(copy);
                ((long)photo.Width * photo.Height).ShouldBeLessThanOrEqualTo(Tight.MaxPixels);
            }
            catch (ImageException error)
            {
                RequireSentence(error);
            }
        }
    }

    [Fact]
    public void A_giant_declared_size_is_refused_before_decoding()
    {
        var png = HostileFiles.Png(60_000, 60_000, []);
        var jpeg = HostileFiles.Jpeg(60_000, 60_000);
        var tiff = HostileFiles.Tiff(60_000, 60_000);
        using var black = Image.Black(1100, 1000, 3).Copy(interpretation: Enums.Interpretation.Srgb);

        foreach (var bytes in new[] { png, jpeg, tiff })
        {
            Should
                .Throw<ImageException>(() => Read(bytes, ImageReadOptions.Default))
                .Message.ShouldBe(
                    "test image has 60000×60000 pixels (3,600 megapixels), but at most 268 megapixels are decoded. "
                        + "Reduce the image, or raise the limit."
                );
        }

        Should
            .Throw<ImageException>(() => Read(black.WebpsaveBuffer(), Tight))
            .Message.ShouldStartWith("test image has 1100×1000 pixels");
    }

    [Fact]
    public void A_bomb_within_the_limit_costs_no_more_than_the_limit()
    {
        // 900 × 1100 pixels of zeros deflate to a few hundred bytes; ten times as many bytes as declared follow.
        var rows = HostileFiles.Deflated(10 * 1100 * ((900 * 3) + 1));

        using var photo = Read(HostileFiles.Png(900, 1100, rows));

        photo.Height.ShouldBe(1100);
    }

    [Fact]
    public void A_bomb_in_a_chunk_of_text_or_profile_is_left_alone()
    {
        var zeros = HostileFiles.Deflated(1 << 30); // a gigabyte in one megabyte
        var before = GC.GetTotalAllocatedBytes();
        foreach (var kind in new[] { "zTXt", "iCCP" })
        {
            byte[] chunk = [.. "bomb\0\0"u8, .. zeros];
            try
            {
                using var photo = Read(HostileFiles.Png(4, 4, HostileFiles.Deflated(4 * 13), (kind, chunk)));
                photo.Width.ShouldBe(4);
            }
            catch (ImageException error)
            {
                RequireSentence(error);
            }
        }

        (GC.GetTotalAllocatedBytes() - before).ShouldBeLessThan(200 << 20);
    }

    [Theory]
    [InlineData("<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>")]
    [InlineData("<?xml version='1.0'?><svg/>")]
    [InlineData("%PDF-1.7\n1 0 obj")]
    [InlineData("P6 1 1 255\nabc")]
    [InlineData("RIFF....AVI LIST")]
    [InlineData("hello")]
    [InlineData("x")]
    public void Other_formats_are_refused_whatever_their_name(string content)
    {
        var path = Path.Combine(_folder, "picture.png");
        File.WriteAllText(path, content, Encoding.Latin1);

        Should
            .Throw<ImageException>(() => ImageFile.Read(path))
            .Message.ShouldBe(
                $"{path} is no PNG, JPEG, WebP, TIFF, AVIF or GIF image by its content; convert it to one of these."
            );
    }

    [Fact]
    public void Missing_empty_and_foreign_paths_are_refused_in_one_sentence()
    {
        var empty = Path.Combine(_folder, "empty.png");
        File.WriteAllBytes(empty, []);

        Should.Throw<ImageException>(() => ImageFile.Read(empty)).Message.ShouldBe($"{empty} is empty.");
        Should
            .Throw<ImageException>(() => ImageFile.Read(_folder))
            .Message.ShouldBe($"{_folder} is a folder, not an image file.");
        var missing = Path.Combine(_folder, "missing.png");
        Should.Throw<ImageException>(() => ImageFile.Inspect(missing)).Message.ShouldStartWith($"{missing} could not be read: ");
    }

    [Theory]
    [InlineData("tiff", 4, false)]
    [InlineData("tiff big", 8, true)]
    public void A_file_in_memory_that_points_far_behind_its_end_is_damaged_like_one_on_disk(string seed, int place, bool isLong)
    {
        var bytes = HostileFiles.SeedFiles()[seed];
        var far = isLong ? BitConverter.GetBytes(long.MaxValue - 8) : BitConverter.GetBytes(uint.MaxValue - 8);
        far.CopyTo(bytes, place);
        var path = Path.Combine(_folder, "far.tif");
        File.WriteAllBytes(path, bytes);

        var inMemory = Should.Throw<ImageException>(() => Read(bytes));
        var onDisk = Should.Throw<ImageException>(() => ImageFile.Read(path, Tight));

        RequireSentence(inMemory);
        inMemory.Message.ShouldBe(onDisk.Message.Replace(path, "test image", StringComparison.Ordinal));
    }

    [Fact]
    public void A_stream_that_throws_is_reported_not_crashed_on()
    {
        var bytes = HostileFiles.SeedFiles()["png"];

        foreach (var limit in new[] { 0, 5, 20, 60, bytes.Length - 30 })
        {
            Should
                .Throw<ImageException>(() => ImageFile.Read(new FailingStream(bytes, limit), "upload"))
                .Message.ShouldBe("upload could not be read: The cable was pulled.");
        }
    }

    [Fact]
    public void A_target_that_throws_is_reported_not_crashed_on()
    {
        foreach (var format in Enum.GetValues<ImageFormat>().Where(format => format.IsWritten()))
        {
            Should
                .Throw<ImageException>(() =>
                    ImageFile.Write(Photo.Of(Pictures.Gradient(200, 200)), new FailingStream([], 100), new ImageEncoding(format))
                )
                .Message.ShouldBe("The image could not be written: The cable was pulled.");
        }
    }

    [Fact]
    public void A_failed_write_leaves_the_old_file_and_nothing_else()
    {
        var path = Path.Combine(_folder, "kept.png");
        ImageFile.Write(Photo.Of(Pictures.Gradient(8, 8)), path, new ImageEncoding(ImageFormat.Png));
        var before = File.ReadAllBytes(path);
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();

        Should.Throw<OperationCanceledException>(() =>
            ImageFile.Write(Photo.Of(Pictures.Gradient(64, 64)), path, new ImageEncoding(ImageFormat.Png), cancelled.Token)
        );
        Should.Throw<ImageException>(() =>
            ImageFile.Write(Photo.Of(Pictures.Gradient(2, 20_000)), path, new ImageEncoding(ImageFormat.WebP))
        );

        File.ReadAllBytes(path).ShouldBe(before);
        Directory.GetFiles(_folder).ShouldBe([path]);
    }

    [Fact]
    public void What_a_format_cannot_hold_is_refused_with_the_remedy()
    {
        using var transparent = Photo.Of(Pictures.Gradient(4, 4), new Tensor(1, 1, 4, 4));
        using var wide = Photo.Of(Pictures.Gradient(1, 16_384));

        Refusal(transparent, new ImageEncoding(ImageFormat.Jpeg))
            .ShouldBe("The image: the image is transparent in places, which JPEG cannot hold; write PNG, WebP or TIFF.");
        Refusal(wide, new ImageEncoding(ImageFormat.WebP))
            .ShouldBe("The image: 16384×1 is too large for WebP, which has at most 16,383 pixels on a side; write PNG or TIFF.");
        Refusal(wide, new ImageEncoding(ImageFormat.Jpeg) { Depth = BitDepth.Sixteen })
            .ShouldBe("The image: JPEG has 8 bits only; write PNG or TIFF for 16.");
        Refusal(wide, new ImageEncoding(ImageFormat.Jpeg) { Quality = 0 }).ShouldBe("The quality 0 is not in 1 … 100.");

        static string Refusal(Photo photo, ImageEncoding encoding) =>
            Should.Throw<ImageException>(() => ImageFile.Write(photo, new MemoryStream(), encoding)).Message;
    }

    [Fact]
    public void Writing_into_a_folder_that_is_not_there_is_refused()
    {
        var path = Path.Combine(_folder, "nowhere", "x.png");

        Should
            .Throw<ImageException>(() =>
                ImageFile.Write(Photo.Of(Pictures.Gradient(4, 4)), path, new ImageEncoding(ImageFormat.Png))
            )
            .Message.ShouldStartWith($"{path} could not be written: ");
        Should
            .Throw<ImageException>(() =>
                ImageFile.Write(Photo.Of(Pictures.Gradient(4, 4)), _folder, new ImageEncoding(ImageFormat.Png))
            )
            .Message.ShouldBe($"{_folder} could not be written: it is a folder. Name a file.");
    }

    [Fact]
    public void Files_are_closed_after_success_and_after_failure()
    {
        var path = Path.Combine(_folder, "closed.tif");
        ImageFile.Write(Photo.Of(Pictures.Gradient(40, 40)), path, new ImageEncoding(ImageFormat.Tiff));
        ImageFile.Read(path).Dispose();
        Exclusive(path);

        File.WriteAllBytes(path, File.ReadAllBytes(path)[..200]);
        Should.Throw<ImageException>(() => ImageFile.Read(path));
        Exclusive(path);

        static void Exclusive(string path)
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
        }
    }

    private static void RequireSentence(ImageException error)
    {
        error.Message.ShouldStartWith("test image ");
        error.Message.ShouldEndWith(".");
        error.Message.ShouldNotContain("\n");
        error.Message.Length.ShouldBeLessThan(400);
    }

    private static Photo Read(byte[] bytes, ImageReadOptions? options = null)
    {
        using var stream = new MemoryStream(bytes);
        return ImageFile.Read(stream, "test image", options ?? Tight);
    }

    /// <summary>Fails once so many bytes have passed.</summary>
    private sealed class FailingStream(byte[] bytes, int limit) : MemoryStream(bytes.Length)
    {
        private int _passed;

        public override long Length => bytes.Length;

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override int Read(Span<byte> buffer)
        {
            var count = (int)Math.Min(Math.Min(buffer.Length, 16), bytes.Length - Position);
            Pass(count);
            bytes.AsSpan((int)Position, count).CopyTo(buffer);
            Position += count;
            return count;
        }

        public override void Write(byte[] buffer, int offset, int count) => Pass(count);

        public override void Write(ReadOnlySpan<byte> buffer) => Pass(buffer.Length);

        private void Pass(int count)
        {
            _passed += count;
            if (_passed > limit)
            {
                throw new IOException("The cable was pulled.");
            }
        }
    }
}
