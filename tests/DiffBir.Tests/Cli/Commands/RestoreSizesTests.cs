using DiffBir.Imaging;
using DiffBir.Tests.Imaging;
using DiffBir.Tests.Support;

namespace DiffBir.Tests.Cli.Commands;

/// <summary>Every size and every shape is restored.</summary>
public sealed class RestoreSizesTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(16, 16)]
    [InlineData(17, 23)]
    [InlineData(1, 300)]
    [InlineData(16, 1300)]
    public Task A_photo_of_any_size_and_shape_is_restored(int height, int width) => Restored(height, width);

    [Theory]
    [Trait("Category", "Slow")]
    [InlineData(16, 12_000)]
    [InlineData(12_000, 16)]
    public Task A_photo_of_12_000_pixels_is_restored(int height, int width) => Restored(height, width);

    [Theory]
    [InlineData("sr")]
    [InlineData("denoise")]
    [InlineData("face")]
    public async Task Every_network_of_stage_1_takes_the_smallest_and_odd_sizes(string task)
    {
        using var bench = new RestoreBench();
        foreach (var (height, width) in ((int, int)[])[(1, 1), (3, 2), (17, 23), (1, 200)])
        {
            using var photo = Photo.Of(Pictures.Gradient(height, width));
            bench.Picture($"{height}x{width}.png", photo);
        }

        var run = await bench.Run(bench.In, "-o", bench.Out, "--task", task, "--upscale", "1.5", "--stage1-only");

        run.ExitCode.ShouldBe(0, run.Error);
        bench.Results().Length.ShouldBe(4);
        ImageFile.Inspect(bench.Result("17x23.png")).Width.ShouldBe(34);
    }

    [Fact]
    public async Task A_strip_that_is_shorter_than_a_tile_is_guided_too()
    {
        using var bench = new RestoreBench();
        using var photo = Photo.Of(Pictures.Gradient(40, 700));
        var input = bench.Picture("a.png", photo);

        foreach (var space in (string[])["latent", "rgb"])
        {
            var run = await bench.Run(
                input,
                "-o",
                bench.Result($"{space}.png"),
                "--tile",
                "128",
                "--tile-stride",
                "128",
                "--guidance-scale",
                "0.01",
                "--guidance-space",
                space
            );

            run.ExitCode.ShouldBe(0, run.Error);
        }
    }

    private static async Task Restored(int height, int width)
    {
        using var bench = new RestoreBench();
        using var photo = Photo.Of(Pictures.Gradient(height, width));
        var input = bench.Picture("a.png", photo);

        var run = await bench.Run(input, "-o", bench.Result("a.png"));

        run.ExitCode.ShouldBe(0, run.Error);
        var result = ImageFile.Inspect(bench.Result("a.png"));
        (result.Height, result.Width).ShouldBe((height, width));
    }
}
