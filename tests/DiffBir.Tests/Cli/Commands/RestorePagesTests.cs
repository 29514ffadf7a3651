using NetVips;

namespace DiffBir.Tests.Cli.Commands;

/// <summary>Of a file with several pictures the first is restored, and that is said.</summary>
public sealed class RestorePagesTests : IDisposable
{
    private const int Side = 32;

    private readonly RestoreBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Theory]
    [InlineData("scan.tif", "pages")]
    [InlineData("moving.webp", "frames")]
    [InlineData("moving.gif", "frames")]
    public async Task The_pages_that_are_left_out_are_named(string name, string what)
    {
        var path = Path.Combine(_bench.In, name);
        Write(path, pages: 3);

        var run = await _bench.Run(path, "-o", _bench.Result("a.png"), "--stage1-only");

        run.ExitCode.ShouldBe(0, run.Error);
        run.Error.ShouldContain($"{path} has 3 {what}; only the first is restored. Split the file to restore the others.");
        using var result = DiffBir.Imaging.ImageFile.Read(_bench.Result("a.png"));
        (result.Width, result.Height).ShouldBe((Side, Side));
    }

    [Fact]
    public async Task A_file_with_one_page_needs_no_words()
    {
        var run = await _bench.Run(_bench.Picture("a.tif"), "-o", _bench.Result("a.png"), "--stage1-only");

        run.Error.ShouldNotContain("only the first");
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
