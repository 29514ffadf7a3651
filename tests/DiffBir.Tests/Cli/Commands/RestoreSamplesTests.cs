using System.Text;
using System.Text.Json;
using DiffBir.Imaging;
using DiffBir.Imaging.Metadata;
using DiffBir.Tests.Imaging;
using DiffBir.Tests.Support;

namespace DiffBir.Tests.Cli.Commands;

/// <summary>Several results of one photo, and pictures from the middle of the work.</summary>
public sealed class RestoreSamplesTests
{
    [Fact]
    public async Task Several_samples_are_numbered_differ_and_are_skipped_together()
    {
        using var bench = new RestoreBench();
        bench.Picture("a.png");
        string[] common = [bench.In, "-o", bench.Out, "--samples", "2"];

        var run = await bench.Run([.. common, "--batch-size", "1"]);

        run.ExitCode.ShouldBe(0, run.Error);
        bench.Results().ShouldBe(["a_0.png", "a_1.png"]);
        (await File.ReadAllBytesAsync(bench.Result("a_0.png"))).ShouldNotBe(
            await File.ReadAllBytesAsync(bench.Result("a_1.png"))
        );
        (await bench.Run([.. common, "--skip-existing"])).Output.ShouldContain("done before");
        (await bench.Run(common)).Error.ShouldContain("already there");
    }

    [Fact]
    public async Task Samples_one_by_one_follow_each_other_in_the_noise_of_one_seed()
    {
        using var bench = new RestoreBench();
        var input = bench.Picture("a.png");
        async Task Restore(string name, string samples, string batch) =>
            (
                await bench.Run(input, "-o", bench.Result(name), "--steps", "3", "--samples", samples, "--batch-size", batch)
            ).ExitCode.ShouldBe(0);

        await Restore("one.png", "1", "1");
        await Restore("two.png", "2", "1");
        await Restore("three.png", "3", "1");
        await Restore("pairs.png", "3", "2");

        bench.Digest("two_0.png").ShouldBe(bench.Digest("one.png"));
        bench.Digest("three_1.png").ShouldBe(bench.Digest("two_1.png"));
        // As many numbers are drawn before the third, whether the first two draw them together or not.
        bench.Digest("pairs_2.png").ShouldBe(bench.Digest("three_2.png"));
        bench.Digest("pairs_1.png").ShouldNotBe(bench.Digest("two_1.png"));
    }

    [Fact]
    public async Task Pictures_from_the_middle_of_the_work_are_written_where_asked()
    {
        using var bench = new RestoreBench();
        var input = bench.Picture("a.png");

        var run = await bench.Run(
            input,
            "-o",
            bench.Result("a.png"),
            "--guidance-scale",
            "0.1",
            "--save-intermediates",
            bench.Result("middle")
        );

        run.ExitCode.ShouldBe(0, run.Error);
        bench
            .Results()
            .ShouldBe([
                "a.png",
                "middle/a-clean.png",
                "middle/a-condition.png",
                "middle/a-step-001.png",
                "middle/a-weight-map.png",
            ]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Every_sample_has_pictures_from_the_middle_of_its_own(int batch)
    {
        using var bench = new RestoreBench();
        var input = bench.Picture("a.png", side: 64);

        var run = await bench.Run([
            input,
            "-o",
            bench.Out,
            "--samples",
            "3",
            "--batch-size",
            $"{batch}",
            "--save-intermediates",
            bench.Result("middle"),
        ]);

        run.ExitCode.ShouldBe(0, run.Error);
        string[] previews = ["a-step-001_0.png", "a-step-001_1.png", "a-step-001_2.png"];
        bench
            .Results()
            .Where(name => name.Contains("step", StringComparison.Ordinal))
            .ShouldBe(previews.Select(name => $"middle/{name}"));
        previews.Select(name => bench.Digest($"middle/{name}")).Distinct().Count().ShouldBe(3);
    }

    [Fact]
    public async Task Pictures_from_the_middle_of_photos_of_one_name_do_not_collide()
    {
        using var bench = new RestoreBench();
        bench.Picture("a.jpg");
        bench.Picture("a.png");
        bench.Picture("sub/a.png");
        var middle = bench.Result("middle");

        var run = await bench.Run([bench.In, "-o", bench.Out, "--save-intermediates", middle, "--stage1-only"]);

        run.ExitCode.ShouldBe(0, run.Error);
        bench
            .Results()
            .Where(name => name.StartsWith("middle", StringComparison.Ordinal))
            .ShouldBe(["middle/a-clean.png", "middle/a_png-clean.png", "middle/sub/a-clean.png"]);
    }
}
