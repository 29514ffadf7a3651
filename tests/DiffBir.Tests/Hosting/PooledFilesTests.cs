using DiffBir.Engine;
using DiffBir.Hosting;
using DiffBir.Imaging;
using DiffBir.Options;
using DiffBir.Tests.Imaging;
using DiffBir.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace DiffBir.Tests.Hosting;

/// <summary>Streams, bytes, files and batches of them through a pool, and the pool as a service.</summary>
public sealed class PooledFilesTests : IDisposable
{
    private const int Side = 48;

    private static readonly RestorationRequest PoolRequest = new()
    {
        Options = new()
        {
            Stage1Only = true,
            Upscale = 2,
            Engine = new EngineOptions { Device = Device.Cpu, Threads = 1 },
        },
    };

    private readonly string _folder = Directory.CreateTempSubdirectory("diffbir-test-").FullName;
    private readonly RestorerPool _pool = new(new DiffBirOptions { Request = PoolRequest });

    public void Dispose()
    {
        _pool.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Streams_bytes_and_files_give_the_same_picture()
    {
        var (input, output) = (APng("a.png"), InFolder("out.png"));
        var bytes = await File.ReadAllBytesAsync(input);
        using var received = new MemoryStream();
        await using var sent = new NetworkLikeStream(new MemoryStream(bytes));
        await using var receiver = new NetworkLikeStream(received);

        var info = await _pool.RestoreFileAsync(input, output);
        var ofStream = await _pool.RestoreAsync(sent, receiver);
        var ofBytes = await _pool.RestoreAsync(bytes);

        info.ShouldBe(new ImageInfo(ImageFormat.Png, 2 * Side, 2 * Side, BitDepth.Eight, HasAlpha: false));
        ofStream.ShouldBe(info);
        ofBytes.ShouldBe(await File.ReadAllBytesAsync(output));
        received.ToArray().ShouldBe(ofBytes);
    }

    [Fact]
    public async Task A_request_decides_on_the_format_before_the_name_of_the_file()
    {
        var (input, output) = (APng("a.png"), InFolder("out.png"));

        (await _pool.RestoreFileAsync(input, InFolder("out.jpg"))).Format.ShouldBe(ImageFormat.Jpeg);
        (await _pool.RestoreFileAsync(input, output, PoolRequest with { Format = ImageFormat.WebP })).Format.ShouldBe(
            ImageFormat.WebP
        );

        ImageFile.Inspect(output).Format.ShouldBe(ImageFormat.WebP);
    }

    [Fact]
    public async Task A_request_says_which_page_is_restored()
    {
        var input = InFolder("scan.tif");
        await File.WriteAllBytesAsync(input, Pictures.WhiteThenBlack(Side).TiffsaveBuffer());

        await _pool.RestoreFileAsync(input, InFolder("first.png"));
        await _pool.RestoreFileAsync(input, InFolder("second.png"), PoolRequest with { Page = 2 });

        Mean("first.png").ShouldBeGreaterThan(0.8f);
        Mean("second.png").ShouldBeLessThan(0.2f);
        var missing = await Should.ThrowAsync<OptionException>(() =>
            _pool.RestoreFileAsync(input, InFolder("third.png"), PoolRequest with { Page = 3 })
        );
        missing.Option.ShouldBe("page");

        float Mean(string name)
        {
            using var photo = ImageFile.Read(InFolder(name));
            return photo.Pixels.ToTensor().Data.ToArray().Average();
        }
    }

    [Fact]
    public async Task A_photo_is_never_replaced_by_its_result()
    {
        var input = APng("a.png");
        var before = await File.ReadAllBytesAsync(input);

        var refusal = await Should.ThrowAsync<ImageException>(() =>
            _pool.RestoreFileAsync(input, Path.Combine(_folder, ".", "a.png"))
        );

        refusal.Message.ShouldContain("is the photo itself, which is never replaced");
        (await File.ReadAllBytesAsync(input)).ShouldBe(before);
    }

    [Fact]
    public async Task A_photo_with_more_pixels_than_allowed_is_refused()
    {
        await using var pool = new RestorerPool(new DiffBirOptions { Request = PoolRequest, MaxPixels = (Side * Side) - 1 });

        await Should.ThrowAsync<ImageException>(() => pool.RestoreFileAsync(APng("a.png"), InFolder("out.png")));
    }

    [Fact]
    public async Task A_batch_tells_of_each_photo_in_order_and_goes_on_behind_one_that_fails()
    {
        await File.WriteAllTextAsync(InFolder("b.png"), "no picture");
        PhotoFile[] files = [Named("a"), Named("b"), Named("c")];
        APng("a.png");
        APng("c.png");
        var results = new List<RestoredFile>();

        await foreach (var result in _pool.RestoreFilesAsync(files))
        {
            results.Add(result);
        }

        results.Select(result => result.File).ShouldBe(files);
        results.Select(result => result.Failure is null).ShouldBe([true, false, true]);
        results[1].Failure.ShouldBeOfType<ImageException>();
        files.Select(file => File.Exists(file.Output)).ShouldBe([true, false, true]);
    }

    [Fact]
    public async Task A_batch_waits_where_single_calls_are_refused()
    {
        await using var pool = new RestorerPool(new DiffBirOptions { Request = PoolRequest, MaxWaiting = 0 });
        APng("a.png");
        PhotoFile[] files =
        [
            .. Enumerable.Range(0, 3).Select(index => new PhotoFile(InFolder("a.png"), InFolder($"{index}.png"))),
        ];

        await foreach (var result in pool.RestoreFilesAsync(files))
        {
            result.Failure.ShouldBeNull();
        }
    }

    [Fact]
    public async Task Who_leaves_a_batch_ends_it()
    {
        var input = APng("a.png");
        var asked = 0;

        await foreach (var result in _pool.RestoreFilesAsync(Endless()))
        {
            result.Failure.ShouldBeNull();
            break;
        }

        asked.ShouldBe(2);
        (await _pool.RestoreFileAsync(input, InFolder("after.png"))).Width.ShouldBe(2 * Side);

        IEnumerable<PhotoFile> Endless()
        {
            while (true)
            {
                yield return new PhotoFile(input, InFolder($"{asked++}.png"));
            }
        }
    }

    [Fact]
    public async Task As_a_service_there_is_one_pool_with_the_options_of_the_program_and_its_log()
    {
        using var log = new RecordingLog();
        await using var provider = new ServiceCollection()
            .AddLogging(logging => logging.SetMinimumLevel(LogLevel.Debug).AddProvider(log))
            .AddDiffBir(options => options.Request = PoolRequest)
            .Configure<DiffBirOptions>(options => options.MaxPixels = 10_000)
            .BuildServiceProvider();
        var pool = provider.GetRequiredService<RestorerPool>();

        await pool.RestoreFileAsync(APng("grandmother.png"), InFolder("out.png"));
        await Should.ThrowAsync<ImageException>(() => pool.RestoreAsync(File.ReadAllBytes(APng("large.png", side: 101))));
        using var transparent = Photo.Of(Pictures.Gradient(Side, Side), new Tensor(1, 1, Side, Side));
        await Should.ThrowAsync<TimeoutException>(() => pool.RestoreAsync(transparent, progress: new Failing()));

        provider.GetRequiredService<RestorerPool>().ShouldBeSameAs(pool);
        log.Lines.ShouldContain(line => line.StartsWith("Information: Restored a photo of 48×48 to 96×96 pixels in "));
        log.Lines.ShouldContain(line =>
            line.StartsWith("Warning: A restoration ended after ") && line.Contains(": TimeoutException. ")
        );
        log.Lines.ShouldContain(line => line.StartsWith("Debug: "));
        log.Lines.ShouldNotContain(line => line.Contains("grandmother"));
    }

    private string InFolder(string name) => Path.Combine(_folder, name);

    private PhotoFile Named(string name) => new(InFolder($"{name}.png"), InFolder($"{name}-restored.png"));

    private string APng(string name, int side = Side)
    {
        using var photo = Photo.Of(Pictures.Gradient(side, side));
        ImageFile.Write(photo, InFolder(name), new ImageEncoding(ImageFormat.Png));
        return InFolder(name);
    }

    private sealed class Failing : IProgress<DiffBir.Restoration.RestorationProgress>
    {
        public void Report(DiffBir.Restoration.RestorationProgress value) => throw new TimeoutException();
    }

    /// <summary>Neither searched nor read or written but asynchronously, as servers' streams are.</summary>
    private sealed class NetworkLikeStream(Stream inner) : Stream
    {
        public override bool CanRead => inner.CanRead;

        public override bool CanSeek => false;

        public override bool CanWrite => inner.CanWrite;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override void Flush() => throw new InvalidOperationException("Synchronous operations are disallowed.");

        public override int Read(byte[] buffer, int offset, int count) =>
            throw new InvalidOperationException("Synchronous operations are disallowed.");

        public override void Write(byte[] buffer, int offset, int count) =>
            throw new InvalidOperationException("Synchronous operations are disallowed.");

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            inner.ReadAsync(buffer, cancellationToken);

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
            inner.WriteAsync(buffer, cancellationToken);

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
