using System.Text.Json;
using DiffBir.Imaging;
using DiffBir.Tests.Imaging;
using DiffBir.Tests.Metrics;
using DiffBir.Tests.Support;

namespace DiffBir.Tests.Cli.Commands;

public sealed class EvalCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Folders_are_compared_by_the_names_of_their_images()
    {
        var clean = Pictures.Gradient(40, 30);
        Save("clean/sub/a.png", clean);
        Save("result/sub/a.webp", clean);
        Save("lq/sub/a.png", Samples.Worn(clean));

        var run = await CommandLine.Run(
            "eval",
            _folder.File("result"),
            "--reference",
            _folder.File("clean"),
            "--before",
            _folder.File("lq"),
            "--metrics",
            "psnr,ssim",
            "--border",
            "2",
            "--about",
            "mini, guidance 0.125",
            "--json"
        );

        run.ExitCode.ShouldBe(0, run.Error);
        var json = JsonSerializer.Deserialize<JsonElement>(run.Output);
        var origin = json.GetProperty("origin");
        origin.GetProperty("about").GetString().ShouldBe("mini, guidance 0.125");
        origin.GetProperty("border").GetInt32().ShouldBe(2);
        (TimeProvider.System.GetUtcNow() - origin.GetProperty("measured").GetDateTimeOffset()).ShouldBeInRange(
            TimeSpan.Zero,
            TimeSpan.FromHours(1)
        );
        var image = json.GetProperty("images")[0];
        image.GetProperty("name").GetString().ShouldBe("sub/a.webp");
        image.GetProperty("result").GetProperty("psnr").GetDouble().ShouldBe(80);
        image.GetProperty("before").GetProperty("psnr").GetDouble().ShouldBeInRange(20, 30);
    }

    [Fact]
    public async Task Without_a_reference_the_table_has_the_measures_that_need_none()
    {
        var image = Save("photo.png", Samples.Textured(100, 100));

        var run = await CommandLine.Run("eval", image);

        var lines = run.Output.Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);
        lines[0].ShouldBe("           NIQE-own↓  Metric Q↑  Gradient↑");
        lines[1].ShouldStartWith("photo.png");
        lines[2].ShouldStartWith("mean");
    }

    [Fact]
    public async Task Reports_are_written_beside_the_table()
    {
        var image = Save("photo.png", Samples.Textured(30, 30));

        var run = await CommandLine.Run(
            "eval",
            image,
            "--html",
            _folder.File("report.html"),
            "--csv",
            _folder.File("report.csv")
        );

        run.ExitCode.ShouldBe(0, run.Error);
        File.ReadAllText(_folder.File("report.html")).ShouldEndWith("</html>\n");
        File.ReadAllText(_folder.File("report.csv")).ShouldStartWith("image,niqe-own,metric-q,gradient");
    }

    [Fact]
    public async Task An_image_without_a_partner_or_of_another_size_is_named_and_the_others_are_measured()
    {
        Save("result/good.png", Pictures.Gradient(20, 20));
        Save("result/large.png", Pictures.Gradient(40, 40));
        Save("result/lonely.png", Pictures.Gradient(20, 20));
        Save("clean/good.png", Pictures.Gradient(20, 20));
        Save("clean/large.png", Pictures.Gradient(20, 20));

        var run = await CommandLine.Run("eval", _folder.File("result"), "-r", _folder.File("clean"));

        run.ExitCode.ShouldBe(1);
        run.Output.ShouldContain("good.png");
        run.Error.ShouldContain("large.png: The image is 40x40, its reference 20x20.");
        run.Error.ShouldContain($"lonely.png has no reference: {_folder.File("clean")} holds no image named lonely.");
    }

    [Fact]
    public async Task Of_images_of_one_name_each_finds_its_own()
    {
        var (one, other) = (Pictures.Gradient(20, 20), Samples.Textured(20, 20));
        Save("clean/a.tif", one);
        Save("clean/a.png", other);
        Save("result/a.png", other);
        Save("result/a_tif.png", one);
        Save("result/sub/a.png", one);
        Save("clean/sub/a.jpg", one);
        Save("clean/sub/a.tif", one);

        var run = await CommandLine.Run(
            "eval",
            _folder.File("result"),
            "-r",
            _folder.File("clean"),
            "--metrics",
            "psnr",
            "--json"
        );

        run.ExitCode.ShouldBe(1);
        run.Error.ShouldContain("has several images as its reference");
        var images = JsonSerializer.Deserialize<JsonElement>(run.Output).GetProperty("images");
        images.EnumerateArray().Select(image => image.GetProperty("name").GetString()).ShouldBe(["a.png", "a_tif.png"]);
        images.EnumerateArray().ShouldAllBe(image => image.GetProperty("result").GetProperty("psnr").GetDouble() > 60);
    }

    [Theory]
    [InlineData("There is no measure beauty", "--metrics", "beauty")]
    [InlineData("The measure psnr compares with clean images", "--metrics", "psnr")]
    [InlineData("--border is -1", "--border", "-1")]
    public async Task A_wrong_command_line_is_exit_code_2(string message, params string[] options)
    {
        var image = Save("photo.png", Pictures.Gradient(20, 20));

        var run = await CommandLine.Run(["eval", image, .. options]);

        run.ExitCode.ShouldBe(2);
        run.Error.ShouldStartWith(message);
    }

    [Fact]
    public async Task Statistics_of_good_photos_are_fitted_from_a_folder()
    {
        for (var index = 0; index < 16; index++)
        {
            Save($"photos/{index}.png", Samples.Textured(200 + index, 300));
        }

        var run = await CommandLine.Run("fit-niqe", _folder.File("photos"), "-o", _folder.File("niqe.json"));

        run.ExitCode.ShouldBe(0, run.Error);
        DiffBir.Metrics.Niqe.Open(_folder.File("niqe.json")).Measure(Samples.Textured(200, 300)).ShouldBeLessThan(5);
    }

    [Fact]
    public async Task Niqe_is_measured_with_the_statistics_that_the_user_brings()
    {
        var image = Save("photo.png", Samples.Textured(200, 300));
        File.WriteAllBytes(_folder.File("published.npz"), PristineFiles.NumPy());

        var run = await CommandLine.Run("eval", image, "--niqe", _folder.File("published.npz"), "--json");
        var missing = await CommandLine.Run("eval", image, "--niqe", _folder.File("none.mat"));

        run.ExitCode.ShouldBe(0, run.Error);
        var result = JsonSerializer.Deserialize<JsonElement>(run.Output).GetProperty("images")[0].GetProperty("result");
        result.GetProperty("niqe").GetDouble().ShouldBe(PristineFiles.NiqeOfTextured, PristineFiles.Rounding);
        missing.ExitCode.ShouldNotBe(0);
        missing.Error.ShouldContain("none.mat");
        missing.Error.ShouldContain("modelparameters.mat");
    }

    [LinuxFact("Linux has a device that is always full.")]
    public async Task A_failure_in_the_middle_of_the_work_is_no_wrong_command_line()
    {
        var photo = Save("photos/a.png", Samples.Textured(200, 300));
        var broken = _folder.Write("broken.png", [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A, 0]);

        var report = await CommandLine.Run("eval", photo, "--csv", "/dev/full");
        var statistics = await CommandLine.Run("fit-niqe", broken, "-o", _folder.File("niqe.json"));

        report.ExitCode.ShouldBe(1);
        report.Error.ShouldContain("No space left");
        statistics.ExitCode.ShouldBe(1);
        statistics.Error.ShouldContain("broken.png");
    }

    private string Save(string name, Tensor image)
    {
        var path = _folder.File(name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using var photo = Photo.Of(image);
        var encoding = new ImageEncoding(ImageFormats.FromExtension(path)!.Value) { Quality = 100, Rounding = Rounding.Nearest };
        ImageFile.Write(photo, path, encoding);
        return path;
    }
}
