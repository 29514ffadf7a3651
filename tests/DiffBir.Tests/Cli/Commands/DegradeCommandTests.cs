using System.Text.Json;
using DiffBir.Imaging;
using DiffBir.Tests.Imaging;
using DiffBir.Tests.Support;

namespace DiffBir.Tests.Cli.Commands;

public sealed class DegradeCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("codeformer")]
    [InlineData("realesrgan")]
    public async Task A_picture_is_degraded_and_keeps_its_size(string family)
    {
        var input = Save("clean.png", 40, 30);
        var output = _folder.File("lq.png");

        var run = await CommandLine.Run("degrade", input, "-o", output, "--family", family);

        run.ExitCode.ShouldBe(0, run.Error);
        run.Output.ShouldStartWith($"{input} -> {output}: blur (");
        ImageFile.Inspect(output).ShouldBe(ImageFile.Inspect(input));
        Read(output).Data.ShouldNotBe(Read(input).Data);
    }

    [Fact]
    public async Task A_result_depends_on_seed_and_name_but_not_on_the_rest_of_the_batch()
    {
        Save("in/sub/a.png", 24, 24);
        Save("in/b.png", 24, 24);
        var folder = _folder.File("in");

        await Degrade(folder, "-o", _folder.File("both"), "--seed", "5");
        File.Delete(_folder.File("in/b.png"));
        await Degrade(folder, "-o", _folder.File("one"), "--seed", "5");
        await Degrade(folder, "-o", _folder.File("other"), "--seed", "6");

        var both = Read(_folder.File("both/sub/a.png")).Data;
        Read(_folder.File("one/sub/a.png")).Data.ShouldBe(both);
        Read(_folder.File("other/sub/a.png")).Data.ShouldNotBe(both);
    }

    [Fact]
    public async Task A_bad_file_is_named_and_the_others_are_done()
    {
        Save("in/good.png", 16, 16);
        _folder.Write("in/broken.jpg", [0xFF, 0xD8, 0xFF, 0, 0]);
        var missing = _folder.File("missing.png");

        var run = await CommandLine.Run("degrade", _folder.File("in"), missing, "-o", _folder.File("out"));

        run.ExitCode.ShouldBe(1);
        run.Error.ShouldContain("broken.jpg");
        run.Error.ShouldContain(missing);
        Directory.GetFiles(_folder.File("out")).ShouldBe([_folder.File("out/good.png")]);
    }

    [Fact]
    public async Task Two_inputs_never_share_an_output()
    {
        Save("in/a.png", 16, 16);
        Save("in/a.jpg", 16, 16);

        await Degrade(_folder.File("in"), "-o", _folder.File("out"));

        Directory
            .GetFiles(_folder.File("out"))
            .Order(StringComparer.Ordinal)
            .ShouldBe([_folder.File("out/a_jpg.png"), _folder.File("out/a_png.png")]);
    }

    [Fact]
    public async Task A_test_set_for_upscaling_has_clean_images_of_matching_size()
    {
        var input = Save("clean.png", 43, 50);

        await Degrade(input, "-o", _folder.File("lq.png"), "--scale", "4", "--clean", _folder.File("clean"));

        Read(_folder.File("lq.png")).Shape.ToArray().ShouldBe([1, 3, 10, 12]);
        Read(_folder.File("clean/lq.png")).Shape.ToArray().ShouldBe([1, 3, 40, 48]);
    }

    [Fact]
    public async Task An_output_that_is_there_is_kept_unless_told_otherwise()
    {
        var input = Save("clean.png", 16, 16);
        var output = _folder.Write("lq.png", [1, 2, 3]);

        var refused = await CommandLine.Run("degrade", input, "-o", output);
        var skipped = await CommandLine.Run("degrade", input, "-o", output, "--skip-existing");
        File.ReadAllBytes(output).Length.ShouldBe(3);
        var replaced = await CommandLine.Run("degrade", input, "-o", output, "--overwrite");

        refused.ExitCode.ShouldBe(1);
        refused.Error.ShouldBe($"{output} is already there. Use --overwrite or --skip-existing.{Environment.NewLine}");
        (skipped.ExitCode, skipped.Output).ShouldBe((0, ""));
        replaced.ExitCode.ShouldBe(0);
        File.ReadAllBytes(output).Length.ShouldBeGreaterThan(3);
    }

    [Fact]
    public async Task Programs_get_one_line_of_json_for_each_image()
    {
        var input = Save("clean.png", 16, 16);
        var output = _folder.File("lq.png");

        var run = await CommandLine.Run("degrade", input, "no.png", "-o", _folder.File("out"), "--json");

        var lines = run.Output.Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);
        var done = JsonSerializer.Deserialize<JsonElement>(lines[0]);
        done.GetProperty("input").GetString().ShouldBe(input);
        done.GetProperty("recipe").GetString()!.ShouldContain("jpeg (quality");
        JsonSerializer.Deserialize<JsonElement>(lines[1]).GetProperty("error").GetString()!.ShouldContain("no.png");
        File.Exists(output).ShouldBeFalse();
        run.ExitCode.ShouldBe(1);
    }

    [Theory]
    [InlineData("--family", "esrgan")]
    [InlineData("--severity", "extreme")]
    [InlineData("--scale", "0.5")]
    [InlineData("--sharpen", null)]
    [InlineData("--overwrite", "--skip-existing")]
    public async Task A_wrong_command_line_is_exit_code_2_and_does_nothing(string option, string? value)
    {
        var input = Save("clean.png", 16, 16);
        string[] arguments = ["degrade", input, "-o", _folder.File("lq.png"), option];

        var run = await CommandLine.Run([.. arguments, .. value is null ? [] : new[] { value }]);

        run.ExitCode.ShouldBe(2);
        run.Error.ShouldNotBeEmpty();
        File.Exists(_folder.File("lq.png")).ShouldBeFalse();
    }

    private string Save(string name, int height, int width)
    {
        var path = _folder.File(name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using var photo = Photo.Of(Pictures.Gradient(height, width));
        ImageFile.Write(photo, path, new ImageEncoding(ImageFormats.FromExtension(path)!.Value));
        return path;
    }

    private static Tensor Read(string path)
    {
        using var photo = ImageFile.Read(path);
        return photo.Pixels.ToTensor().Clone();
    }

    private static async Task Degrade(params string[] arguments)
    {
        var run = await CommandLine.Run(["degrade", .. arguments]);
        run.ExitCode.ShouldBe(0, run.Error);
    }
}
