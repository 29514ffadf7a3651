using System.Runtime.InteropServices;
using System.Security.Cryptography;
using NetVips;

namespace DiffBir.Tests.Cli.Commands;

/// <summary>Of a file with several pictures one is restored: the first, which is said, or the one that is asked for.</summary>
public sealed class RestorePagesTests : IDisposable
{
    private const int Side = 32;

    private readonly RestoreBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Theory]
    [InlineData("scan.tif", "3 pages: page 1 of 3")]
    [InlineData("moving.webp", "3 frames: frame 1 of 3")]
    [InlineData("moving.gif", "3 frames: frame 1 of 3")]
    public async Task Which_of_several_pages_is_restored_is_said_where_nobody_chose(string name, string what)
    {
        var path = Path.Combine(_bench.In, name);
        Write(path, pages: 3);

        var run = await _bench.Run(path, "-o", _bench.Result("a.png"), "--stage1-only");

        run.ExitCode.ShouldBe(0, run.Error);
        run.Error.ShouldContain($"{path} has {what} is restored. Name another with --page.");
        using var result = DiffBir.Imaging.ImageFile.Read(_bench.Result("a.png"));
        (result.Width, result.Height).ShouldBe((Side, Side));
    }

    [Fact]
    public async Task A_file_with_one_page_needs_no_words()
    {
        var run = await _bench.Run(_bench.Picture("a.tif"), "-o", _bench.Result("a.png"), "--stage1-only");

        run.Error.ShouldNotContain("--page");
    }

    [Theory]
    [InlineData("scan.tif")]
    [InlineData("moving.webp")]
    [InlineData("moving.gif")]
    public async Task The_page_that_is_asked_for_is_restored_as_if_it_were_alone(string name)
    {
        var path = Path.Combine(_bench.In, name);
        var alone = Path.Combine(_bench.In, "alone.png");
        Write(path, pages: 3);
        using (var page = Image.NewFromFile(path, kwargs: new VOption { { "page", 1 } }))
        {
            page.WriteToFile(alone);
        }

        string[] small = ["--model", "mini", "--stage1-only", "--upscale", "1"]; // the bench's own has random weights, and is black
        var run = await _bench.Run([path, "-o", _bench.Result("a.png"), .. small, "--page", "2"]);
        await _bench.Run([alone, "-o", _bench.Result("b.png"), .. small]);
        await _bench.Run([path, "-o", _bench.Result("c.png"), .. small]);

        run.ExitCode.ShouldBe(0, run.Error);
        run.Error.ShouldNotContain("--page");
        Pixels("a.png").ShouldBe(Pixels("b.png"));
        Pixels("a.png").ShouldNotBe(Pixels("c.png"));
    }

    [Fact]
    public async Task A_page_that_is_not_there_is_named_with_those_that_are()
    {
        var path = Path.Combine(_bench.In, "scan.tif");
        Write(path, pages: 3);
        var single = _bench.Picture("single.png");

        var run = await _bench.Run(path, single, "-o", _bench.Out, "--stage1-only", "--page", "4");
        var plan = await _bench.Run(path, "-o", _bench.Out, "--page", "4", "--dry-run");

        run.ExitCode.ShouldBe(1);
        var said = $"{path} has 3 pages, and page 4 is none of them. Name one from 1 to 3 (--page).";
        run.Error.ShouldContain(said);
        run.Error.ShouldContain($"{single} has no page 4, only one. Leave --page out.");
        plan.ExitCode.ShouldBe(1);
        plan.Error.ShouldContain(said);
    }

    /// <summary>A short text that two results share only if their pixels are equal.</summary>
    private string Pixels(string result)
    {
        using var photo = DiffBir.Imaging.ImageFile.Read(_bench.Result(result));
        return Convert.ToHexString(SHA256.HashData(MemoryMarshal.AsBytes(photo.Pixels.ToTensor().Data.ToArray().AsSpan())));
    }

    private static void Write(string path, int pages)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        // Frames that are equal would become one.
        using var noise = Image.Gaussnoise(Side, Side * pages, sigma: 40, mean: 128, seed: 1).Cast(Enums.BandFormat.Uchar);
        using var noisy = noise.Bandjoin(noise, noise).Copy(interpretation: Enums.Interpretation.Srgb);
        using var content = noisy.Mutate(image => image.Set(GValue.GIntType, "page-height", Side));
        content.WriteToFile(path);
    }
}
