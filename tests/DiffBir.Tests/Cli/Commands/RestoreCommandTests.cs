using System.Text;
using System.Text.Json;
using DiffBir.Imaging;
using DiffBir.Imaging.Metadata;
using DiffBir.Tests.Imaging;
using DiffBir.Tests.Support;

namespace DiffBir.Tests.Cli.Commands;

public sealed class RestoreCommandTests
{
    [Fact]
    public async Task Folders_are_searched_whatever_the_case_of_extensions_and_keep_their_structure()
    {
        using var bench = new RestoreBench();
        bench.Picture("a.png");
        bench.Picture("sub/b.JPG");
        bench.Garbage("notes.txt");

        var run = await bench.Run(bench.In, "-o", bench.Out, "--stage1-only");

        run.ExitCode.ShouldBe(0, run.Error);
        bench.Results().ShouldBe(["a.png", "sub/b.jpg"]);
    }

    [Fact]
    public async Task One_file_gets_the_name_that_is_asked_for()
    {
        using var bench = new RestoreBench();
        var input = bench.Picture("a.png");

        var run = await bench.Run(input, "-o", bench.Result("new/b.webp"), "--stage1-only");

        run.ExitCode.ShouldBe(0, run.Error);
        ImageFile.Inspect(bench.Result("new/b.webp")).Format.ShouldBe(ImageFormat.WebP);
    }

    [Fact]
    public async Task A_bad_file_never_ends_the_batch_and_is_named()
    {
        using var bench = new RestoreBench();
        bench.Picture("1.png");
        var bad = bench.Garbage("2.png");
        bench.Picture("3.png");

        var run = await bench.Run(bench.In, "no-such.png", "-o", bench.Out, "--stage1-only");

        run.ExitCode.ShouldBe(1);
        bench.Results().ShouldBe(["1.png", "3.png"]);
        run.Error.ShouldContain($"{bad} is no PNG");
        run.Error.ShouldNotContain($"{bad}: {bad}");
        run.Error.ShouldContain("no-such.png could not be read: ");
        run.Error.ShouldContain("[4/4] no-such.png");
        run.Error.ShouldNotContain("   at ");
    }

    [Fact]
    public async Task Outputs_that_are_there_are_refused_skipped_or_replaced()
    {
        using var bench = new RestoreBench();
        bench.Picture("a.png");
        bench.Picture("b.png");
        Directory.CreateDirectory(bench.Out);
        await File.WriteAllTextAsync(bench.Result("a.png"), "old");
        string[] common = [bench.In, "-o", bench.Out, "--stage1-only"];

        var refused = await bench.Run(common);
        refused.ExitCode.ShouldBe(1);
        refused.Error.ShouldContain("Use --overwrite or --skip-existing");
        (await File.ReadAllTextAsync(bench.Result("a.png"))).ShouldBe("old");

        var skipped = await bench.Run([.. common, "--skip-existing"]);
        skipped.ExitCode.ShouldBe(0, skipped.Error);
        skipped.Output.ShouldContain("a.png: done before");
        (await File.ReadAllTextAsync(bench.Result("a.png"))).ShouldBe("old");

        var replaced = await bench.Run([.. common, "--overwrite"]);
        replaced.ExitCode.ShouldBe(0, replaced.Error);
        ImageFile.Inspect(bench.Result("a.png")).Width.ShouldBe(32);
    }

    [Fact]
    public async Task The_only_copy_of_a_photo_is_never_replaced()
    {
        using var bench = new RestoreBench();
        bench.Picture("a.png");

        var run = await bench.Run(bench.In, "-o", bench.In, "--overwrite", "--stage1-only");

        run.ExitCode.ShouldBe(2);
        run.Error.ShouldContain("would replace an input");
    }

    [Fact]
    public async Task Results_in_the_folder_of_the_inputs_are_not_restored_again()
    {
        using var bench = new RestoreBench();
        bench.Picture("a.png");
        var output = Path.Combine(bench.In, "restored");

        await bench.Run(bench.In, "-o", output, "--stage1-only");
        var again = await bench.Run(bench.In, "-o", output, "--stage1-only", "--skip-existing");

        again.ExitCode.ShouldBe(0, again.Error);
        Directory.GetFiles(output, "*", SearchOption.AllDirectories).Length.ShouldBe(1);
    }

    [UnixFact]
    public async Task Links_that_lead_round_in_a_circle_are_not_followed()
    {
        using var bench = new RestoreBench();
        bench.Picture("a.png");
        bench.Picture("sub/b.png");
        using var elsewhere = new TemporaryFolder();
        File.Copy(bench.Picture("../c.png"), elsewhere.File("c.png"));
        Directory.CreateSymbolicLink(Path.Combine(bench.In, "self"), ".");
        Directory.CreateSymbolicLink(Path.Combine(bench.In, "again"), bench.In);
        Directory.CreateSymbolicLink(Path.Combine(bench.In, "sub", "up"), "..");
        Directory.CreateSymbolicLink(Path.Combine(bench.In, "nowhere"), "no-such-folder");
        Directory.CreateSymbolicLink(Path.Combine(bench.In, "more"), elsewhere.Path);

        var run = await bench.Run(bench.In, "-o", bench.Out, "--stage1-only");

        run.ExitCode.ShouldBe(0, run.Error);
        bench.Results().ShouldBe(["a.png", "more/c.png", "sub/b.png"]);
    }

    [Fact]
    public async Task Equal_names_do_not_collide()
    {
        using var bench = new RestoreBench();
        bench.Picture("a.png");
        bench.Picture("a.jpg");
        bench.Picture("sub/a.png");

        var run = await bench.Run(bench.In, "-o", bench.Out, "--format", "png", "--stage1-only");

        run.ExitCode.ShouldBe(0, run.Error);
        bench.Results().ShouldBe(["a_jpg.png", "a_png.png", "sub/a.png"]);
    }

    [Theory]
    [InlineData("regenerating detail")]
    [InlineData("decoding")]
    public async Task A_stop_in_the_middle_leaves_whole_files_only(string said)
    {
        using var bench = new RestoreBench();
        bench.Picture("a.png");
        bench.Picture("b.png");

        var run = await bench.RunUntil(said, bench.In, "-o", bench.Out, "--steps", "50");

        run.ExitCode.ShouldBe(130);
        run.Error.ShouldContain("--skip-existing");
        bench.Results().ShouldBeEmpty();
    }

    [Fact]
    public async Task After_a_stop_what_was_done_is_there_and_the_rest_follows()
    {
        using var bench = new RestoreBench();
        bench.Picture("a.png");
        bench.Picture("b.png");
        string[] common = [bench.In, "-o", bench.Out, "--stage1-only"];

        await bench.RunUntil("[2/2]", common);
        bench.Results().ShouldBe(["a.png"]);
        var rest = await bench.Run([.. common, "--skip-existing"]);

        rest.ExitCode.ShouldBe(0, rest.Error);
        bench.Results().ShouldBe(["a.png", "b.png"]);
    }

    [Fact]
    public async Task Depth_transparency_profile_and_camera_data_go_through_both_stages()
    {
        using var bench = new RestoreBench();
        var profile = MetadataTests.Profile("p3");
        var exif = ExifBlob.Clean(MetadataTests.Exif(bigEndian: false));
        using var photo = new Photo(
            PlanarImage.Of(Pictures.Gradient(32, 32, steps: 65_535)),
            PlanarImage.Of(Pictures.Gradient(32, 32, channels: 1))
        )
        {
            Depth = BitDepth.Sixteen,
            Metadata = new PhotoMetadata(profile, exif, DotsPerInch: (300, 300)),
        };
        bench.Picture("a.png", photo);

        var run = await bench.Run(bench.In, "-o", bench.Out, "--upscale", "2");

        run.ExitCode.ShouldBe(0, run.Error);
        using var result = ImageFile.Read(bench.Result("a.png"));
        (result.Width, result.Height, result.Depth).ShouldBe((64, 64, BitDepth.Sixteen));
        result.Alpha.ShouldNotBeNull();
        result.Metadata.Icc.ShouldBe(profile);
        // The saver adds a resolution of its own, so the bytes are others.
        Encoding.UTF8.GetString(result.Metadata.Exif!).ShouldContain("© someone");
        result.Metadata.DotsPerInch.ShouldNotBeNull().X.ShouldBe(300, 1);
    }

    [Theory]
    [InlineData("a.png")]
    [InlineData("a.jpg")]
    [InlineData("a.webp")]
    [InlineData("a.tif")]
    public async Task A_camera_s_photo_keeps_what_it_says_and_stands_upright(string output)
    {
        using var bench = new RestoreBench();
        var profile = MetadataTests.Profile("p3");
        var input = Path.Combine(bench.In, "turned.jpg");
        Directory.CreateDirectory(bench.In);
        await File.WriteAllBytesAsync(input, MetadataTests.FromCamera(Pictures.Gradient(32, 48), orientation: 6, profile));

        var run = await bench.Run(input, "-o", bench.Result(output), "--quality", "100");

        run.ExitCode.ShouldBe(0, run.Error);
        using var result = ImageFile.Read(bench.Result(output));
        (result.Height, result.Width).ShouldBe((48, 32));
        result.Metadata.Icc.ShouldBe(profile);
        var xmp = Encoding.UTF8.GetString(result.Metadata.Xmp.ShouldNotBeNull());
        xmp.ShouldContain("<dc:title>größe</dc:title>");
        xmp.ShouldContain("tiff:Orientation=\"1\"");
        Encoding.UTF8.GetString(result.Metadata.Exif.ShouldNotBeNull()).ShouldContain("Acme");
        MetadataTests.OrientationOf(bench.Result(output)).ShouldBeOneOf(null, 1);
    }

    [Theory]
    [InlineData("--format", "jpg")]
    [InlineData("-o", "x.jpg")]
    public async Task Transparency_is_never_dropped_but_refused_before_the_work(params string[] asked)
    {
        using var bench = new RestoreBench();
        using var photo = Photo.Of(Pictures.Gradient(32, 32), Pictures.Gradient(32, 32, channels: 1));
        var input = bench.Picture("a.png", photo);
        string[] arguments = asked[0] == "-o" ? ["-o", bench.Result(asked[1])] : ["-o", bench.Out, .. asked];

        var run = await bench.Run([input, .. arguments]);

        run.ExitCode.ShouldBe(1);
        run.Error.ShouldContain("write PNG, WebP or TIFF");
        run.Error.ShouldNotContain("removing degradation");
        bench.Results().ShouldBeEmpty();
    }

    [Fact]
    public async Task A_photo_s_result_does_not_depend_on_its_neighbors()
    {
        using var bench = new RestoreBench();
        bench.Picture("a.png", side: 48);
        var second = bench.Picture("b.png");

        await bench.Run(bench.In, "-o", bench.Out);
        await bench.Run(second, "-o", bench.Result("alone.png"));
        await bench.Run(second, "-o", bench.Result("other.png"), "--seed", "5");

        var among = await File.ReadAllBytesAsync(bench.Result("b.png"));
        (await File.ReadAllBytesAsync(bench.Result("alone.png"))).ShouldBe(among);
        (await File.ReadAllBytesAsync(bench.Result("other.png"))).ShouldNotBe(among);
    }

    [Fact]
    public async Task Programs_get_one_object_on_each_line()
    {
        using var bench = new RestoreBench();
        bench.Picture("a.png");
        bench.Garbage("b.png");
        bench.Picture("c.png");
        Directory.CreateDirectory(bench.Out);
        bench.Picture("../out/c.png");

        var run = await bench.Run(bench.In, "-o", bench.Out, "--json", "--skip-existing");

        run.ExitCode.ShouldBe(1);
        run.Error.ShouldBeEmpty();
        var lines = run
            .Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonDocument.Parse(line).RootElement)
            .ToList();
        lines
            .Select(line => line.GetProperty("event").GetString())
            .Where(name => name is not ("progress" or "decision"))
            .ShouldBe(["begin", "restored", "begin", "failed", "skipped", "summary"]);
        var summary = lines[^1];
        summary.GetProperty("restored").GetInt32().ShouldBe(1);
        summary.GetProperty("failed").GetInt32().ShouldBe(1);
        summary.GetProperty("skipped").GetInt32().ShouldBe(1);
        summary.GetProperty("left").GetInt32().ShouldBe(0);
        summary.GetProperty("megapixelsPerMinute").GetDouble().ShouldBeGreaterThan(0);
        summary.GetProperty("failures")[0].GetProperty("input").GetString().ShouldEndWith("b.png");
        summary.GetProperty("failures")[0].GetProperty("error").GetString().ShouldNotBeNull().ShouldContain("by its content");
        lines
            .Where(line => line.TryGetProperty("stage", out _))
            .Select(line => line.GetProperty("stage").GetString())
            .Distinct()
            .ShouldBe(["removing degradation", "encoding", "regenerating detail", "decoding", "finishing"]);
        lines[0].GetProperty("count").GetInt32().ShouldBe(3);
        lines
            .Single(line => line.GetProperty("event").GetString() == "restored")
            .GetProperty("outputs")[0]
            .GetString()
            .ShouldBe(bench.Result("a.png"));
    }

    [Fact]
    public async Task Formats_and_quality_are_as_asked()
    {
        using var bench = new RestoreBench();
        var input = bench.Picture("a.png");
        foreach (var format in (string[])["jpg", "webp", "tiff"])
        {
            await bench.Run(input, "-o", bench.Out, "--format", format, "--stage1-only");
        }

        await bench.Run(input, "-o", bench.Result("low.jpg"), "--quality", "5", "--stage1-only");

        bench.Results().ShouldBe(["a.jpg", "a.tif", "a.webp", "low.jpg"]);
        new FileInfo(bench.Result("low.jpg")).Length.ShouldBeLessThan(new FileInfo(bench.Result("a.jpg")).Length);
    }

    [Fact]
    public async Task Tiles_are_not_told_what_the_whole_picture_shows()
    {
        using var bench = new RestoreBench();
        var input = bench.Picture("a.png", side: 96);
        async Task<string> Restored(string name, params string[] options)
        {
            string[] common = [input, "-o", bench.Result(name), "--vae-tile", "off"];
            var run = await bench.Run([.. common, .. options]);
            run.ExitCode.ShouldBe(0, run.Error);
            run.Error.Contains("--tile-prompt whole", StringComparison.Ordinal).ShouldBe(name == "house.png");
            return bench.Digest(name);
        }

        string[] tiles = ["--tile", "64"];
        string[] house = ["--prompt", "a house"];
        var plain = await Restored("plain.png", tiles);

        (await Restored("house.png", [.. tiles, .. house])).ShouldBe(plain);
        (await Restored("asked.png", [.. tiles, .. house, "--tile-prompt", "whole"])).ShouldNotBe(plain);
        (await Restored("one-tile.png", ["--tile", "128", .. house])).ShouldNotBe(
            await Restored("plain-tile.png", "--tile", "128")
        );
    }

    [Fact]
    public async Task Stage_1_alone_needs_only_its_own_file()
    {
        using var bench = new RestoreBench();
        var input = bench.Picture("a.png");
        var weights = Directory.CreateDirectory(Path.Combine(bench.In, "weights")).FullName;
        File.Copy(Path.Combine(bench.Weights, "BSRNet.pth"), Path.Combine(weights, "BSRNet.pth"));
        string[] common = ["restore", input, "--model", bench.Pack, "--weights", weights];

        var stage1 = await CommandLine.Run([.. common, "-o", bench.Result("a.png"), "--stage1-only"]);
        var both = await CommandLine.Run([.. common, "-o", bench.Result("b.png")]);

        stage1.ExitCode.ShouldBe(0, stage1.Error);
        both.ExitCode.ShouldBe(2);
        both.Error.ShouldContain("v2.pth");
        both.Error.ShouldContain($"diffbir models pull {bench.Pack}");
    }
}
