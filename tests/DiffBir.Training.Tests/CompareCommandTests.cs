using DiffBir.Imaging;

namespace DiffBir.Training.Tests;

/// <summary><c>diffbir-train compare</c>.</summary>
public sealed class CompareCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Runs_are_drawn_metric_by_metric_and_their_last_values_are_told()
    {
        var first = Run(
            "first",
            """{"group":"train","step":10,"loss":2}""",
            """{"group":"train","step":20,"loss":1.5}""",
            """{"group":"validation","step":20,"psnr":30.25}"""
        );
        var second = Run("second", """{"group":"train","step":10,"loss":3}""");
        File.AppendAllText(Path.Combine(second, "metrics.jsonl"), """{"group":"train","step":2"""); // is being written
        var picture = _folder.File("curves.png");

        var (exitCode, output, error) = await Compare(first, second, "-o", picture);

        exitCode.ShouldBe(0, error);
        output.ShouldContain("train/loss: first 1.5 at step 20  second 3 at step 10");
        output.ShouldContain("validation/psnr: first 30.25 at step 20  second -");
        using var sheet = ImageFile.Read(picture);
        (sheet.Width, sheet.Height).ShouldBe((2 * 480, 320));
        // Two curves of colors of their own in the left picture, one in the right: there is something to see.
        var colors = Colors(sheet);
        colors.Count.ShouldBeGreaterThan(20);
    }

    [Fact]
    public async Task A_step_that_was_done_again_counts_once()
    {
        var run = Run("run", """{"group":"train","step":10,"loss":2}""", """{"group":"train","step":10,"loss":1}""");

        var (_, output, _) = await Compare(run, "-o", _folder.File("curves.png"));

        output.ShouldContain("train/loss: run 1 at step 10");
    }

    [Theory]
    [InlineData("""{"step":10}""", "Line 1 of")]
    [InlineData("""[1, 2]""", "Line 1 of")]
    [InlineData("""{"group":"train","st""", "Line 1 of")]
    [InlineData(null, "None of these runs has metrics yet.")]
    public async Task What_is_no_run_is_told(string? line, string expected)
    {
        var (exitCode, _, error) = await Compare(Run("run", line is null ? [] : [line]), "-o", _folder.File("curves.png"));

        exitCode.ShouldBe(2);
        error.ShouldContain(expected);
    }

    [Fact]
    public async Task A_folder_without_a_run_and_a_picture_of_another_format_are_told()
    {
        var (_, _, missing) = await Compare(_folder.Path, "-o", _folder.File("curves.png"));
        var (_, _, format) = await Compare(
            Run("run", """{"group":"train","step":10,"loss":2}"""),
            "-o",
            _folder.File("curves.jpg")
        );

        missing.ShouldContain("is no run's folder: it has no metrics.jsonl.");
        format.ShouldContain("Use one that ends in .png (--out).");
    }

    private static HashSet<(float, float, float)> Colors(Photo sheet)
    {
        var pixels = sheet.Pixels.ToTensor().Data;
        var plane = pixels.Length / 3;
        return [.. Enumerable.Range(0, plane).Select(i => (pixels[i], pixels[plane + i], pixels[(2 * plane) + i]))];
    }

    private string Run(string name, params string[] lines)
    {
        var run = Directory.CreateDirectory(_folder.File(name)).FullName;
        File.WriteAllText(Path.Combine(run, "metrics.jsonl"), string.Concat(lines.Select(line => line + "\n")));
        return run;
    }

    private static async Task<(int ExitCode, string Output, string Error)> Compare(params string[] arguments)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var exitCode = await TrainCommand.RunAsync(TrainCommand.Create(_ => false), ["compare", .. arguments], output, error);
        return (exitCode, output.ToString(), error.ToString());
    }
}
