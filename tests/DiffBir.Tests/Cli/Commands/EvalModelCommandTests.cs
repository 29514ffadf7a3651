using System.Text.Json;
using DiffBir.Degradation;
using DiffBir.Imaging;
using DiffBir.Tests.Metrics;
using DiffBir.Tests.Support;

namespace DiffBir.Tests.Cli.Commands;

public sealed class EvalModelCommandTests : IDisposable
{
    private const int Side = 32;
    private const int Groups = 6;

    private readonly RestoreBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task A_model_is_tried_on_six_kinds_of_bad_photos_and_measured_after_each_stage()
    {
        var photo = Photo("in.png");

        var run = await Try(photo, "--guidance-scales", "0,0.5", "--json", "--save", _bench.Out);

        run.ExitCode.ShouldBe(0, run.Error);
        var lines = Lines(run.Output);
        string[] methods = ["clean photo", "bicubic", "stage 1", "guidance 0", "guidance 0.5"];
        foreach (var method in methods)
        {
            var pictures = Of(lines, "scores", method);
            pictures.Select(line => Text(line, "group")).Distinct().Count().ShouldBe(Groups);
            pictures.Count.ShouldBe(Groups, method);
            Of(lines, "mean", method).Count.ShouldBe(Groups + 1, method);
        }

        Of(lines, "scores", "autoencoder").Count.ShouldBe(1);
        Of(lines, "mean", "autoencoder").Count.ShouldBe(1);
        _bench.Results().Length.ShouldBe(Groups * (methods.Length - 1 + 1)); // no bicubic, but the bad photo
        _bench.Results().ShouldContain("realesrgan-heavy/guidance-0.5/in.png");
        var folder = Path.Combine(_bench.Out, "realesrgan-heavy");
        run.Error.ShouldContain(
            $"diffbir eval \"{folder}/guidance-0.5\" --before \"{folder}/lq\" --reference \"{folder}/clean\" --about \""
        );
        run.Error.ShouldContain(", seed 231, guidance 0.5\" --html page.html");
    }

    [Fact]
    public async Task Photos_are_made_bad_as_diffbir_degrade_makes_them()
    {
        var photo = Photo("in.png");
        var alone = _bench.Result("alone.png");

        await Try(photo, "--stage1-only", "--seed", "7", "--scale", "2", "--save", _bench.Out);
        var run = await CommandLine.Run([
            "degrade",
            photo,
            "-o",
            alone,
            "--family",
            "realesrgan",
            "--severity",
            "medium",
            "--seed",
            "7",
            "--scale",
            "2",
        ]);

        run.ExitCode.ShouldBe(0, run.Error);
        Read(_bench.Result("realesrgan-medium/lq/in.png")).Data.ShouldBe(Read(alone).Data);
        Read(_bench.Result("realesrgan-medium/clean/in.png")).Data.ShouldBe(Read(photo).Data);
        Read(_bench.Result("realesrgan-medium/stage-1/in.png")).Size(3).ShouldBe(Side);
    }

    [Fact]
    public async Task The_table_ends_with_what_follows_from_it()
    {
        Photo("photos/a.png");
        Photo("photos/b.png");
        Photo("photos/c.png");

        var run = await Try(Path.Combine(_bench.In, "photos"), "--limit", "1", "--crop", "32");

        run.ExitCode.ShouldBe(0, run.Error);
        var lines = run.Output.Split(Environment.NewLine);
        lines[0]
            .ShouldBe("| photos made bad | restored by | PSNR↑ | SSIM↑ | GMSD↓ | NIQE-own↓ | Metric Q↑ | Gradient↑ | seconds |");
        lines.Count(line => line.StartsWith("| codeformer mild |", StringComparison.Ordinal)).ShouldBe(6); // three scales of guidance where none is given
        lines.Count(line => line.StartsWith("| all |", StringComparison.Ordinal)).ShouldBe(6);
        run.Output.ShouldContain("- Photos: 1; ways of making them bad: 6.");
        run.Output.ShouldMatch(@"Of all mild photos stage 1 does worst at a\.png \((codeformer|realesrgan) mild\): [+-]\d");
        run.Output.ShouldMatch(@"Both stages, guidance 0\.05, against stage 1 alone: PSNR [+-]\d");
        run.Output.ShouldMatch(@"Autoencoder alone: PSNR \d");
        run.Error.ShouldContain("1 of 1 photos");
    }

    [Theory]
    [InlineData("--limit is 0", "--limit", "0")]
    [InlineData("--guidance-scales has \"much\"", "--guidance-scales", "0,much")]
    [InlineData("guidance-scale is -1", "--guidance-scales", "-1")]
    public async Task A_wrong_command_line_is_exit_code_2(string message, params string[] options)
    {
        var run = await Try(Photo("in.png"), options);

        run.ExitCode.ShouldBe(2);
        run.Error.ShouldContain(message);
    }

    [Fact]
    public async Task A_photo_that_cannot_be_tried_is_named_and_left_out()
    {
        var photos = Path.GetDirectoryName(Photo("photos/a.png"))!;
        _bench.Garbage("photos/b.heic");
        using var small = DiffBir.Imaging.Photo.Of(Samples.Textured(8, 8));
        _bench.Picture("photos/c.png", small);

        var run = await Try(photos, "--stage1-only", "--scale", "16");

        run.ExitCode.ShouldBe(1);
        run.Error.ShouldContain("b.heic is not read");
        run.Error.ShouldContain("c.png is too small to be made 16 times smaller");
        run.Error.ShouldContain("2 of 3 photos were left out");
        run.Output.ShouldContain("- Photos: 1;");
    }

    private Task<CommandLine> Try(string photos, params string[] options) =>
        CommandLine.Run([
            "eval-model",
            photos,
            "--model",
            _bench.Pack,
            "--weights",
            _bench.Weights,
            "--threads",
            "1",
            .. options,
        ]);

    private string Photo(string name)
    {
        using var photo = DiffBir.Imaging.Photo.Of(Samples.Textured(Side, Side));
        return _bench.Picture(name, photo);
    }

    private static Tensor Read(string path)
    {
        using var photo = ImageFile.Read(path);
        return photo.Pixels.ToTensor();
    }

    private static List<JsonElement> Lines(string output) =>
        [
            .. output
                .Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries)
                .Select(line => JsonSerializer.Deserialize<JsonElement>(line)),
        ];

    private static List<JsonElement> Of(List<JsonElement> lines, string kind, string method) =>
        [.. lines.Where(line => line.TryGetProperty(kind, out _) && Text(line, "method") == method)];

    private static string Text(JsonElement line, string property) => line.GetProperty(property).GetString()!;
}
