using System.Diagnostics;
using DiffBir.Imaging;

namespace DiffBir.Tests.Cli.Commands;

/// <summary>One photo through pipes: <c>-</c> as input and as output.</summary>
public sealed class RestoreStreamsTests : IDisposable
{
    private readonly RestoreBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task A_photo_goes_through_pipes_and_nothing_else_is_in_its_way()
    {
        var input = await File.ReadAllBytesAsync(_bench.Picture("a.jpg"));

        var (exitCode, output, error) = await Piped(input, "-", "-o", "-", "--stage1-only");

        exitCode.ShouldBe(0, error);
        using var stream = new MemoryStream(output);
        var picture = ImageFile.Inspect(stream, "output");
        (picture.Format, picture.Width).ShouldBe((ImageFormat.Jpeg, 32));
        error.ShouldContain("the standard input -> -");
    }

    [Fact]
    public async Task Programs_get_their_lines_beside_the_picture()
    {
        var (exitCode, output, error) = await Piped(
            [],
            _bench.Picture("a.png"),
            "-o",
            "-",
            "--format",
            "webp",
            "--json",
            "--stage1-only"
        );

        exitCode.ShouldBe(0, error);
        using var stream = new MemoryStream(output);
        ImageFile.Inspect(stream, "output").Format.ShouldBe(ImageFormat.WebP);
        error.ShouldContain("\"event\":\"summary\"");
    }

    [Fact]
    public async Task What_comes_through_a_pipe_can_go_to_a_file()
    {
        var input = await File.ReadAllBytesAsync(_bench.Picture("a.png"));

        var (exitCode, _, error) = await Piped(input, "-", "-o", _bench.Result("b.png"), "--stage1-only");

        exitCode.ShouldBe(0, error);
        ImageFile.Inspect(_bench.Result("b.png")).Width.ShouldBe(32);
    }

    [Fact]
    public async Task What_is_no_picture_fails_with_a_sentence_and_gives_nothing()
    {
        var (exitCode, output, error) = await Piped("no picture"u8.ToArray(), "-", "-o", "-", "--stage1-only");

        exitCode.ShouldBe(1);
        output.ShouldBeEmpty();
        error.ShouldContain($"the standard input is no {ImageFormats.Names} image");
    }

    [Theory]
    [InlineData("stands alone", "-", "{picture}", "-o", "out.png")]
    [InlineData("takes one picture", "{picture}", "{picture}", "-o", "-")]
    [InlineData("takes one picture", "{picture}", "-o", "-", "--samples", "2")]
    [InlineData("contradict each other", "{picture}", "-o", "-", "--skip-existing")]
    [InlineData("Name the file (-o)", "-", "-o", "out")]
    public async Task What_cannot_be_streamed_is_refused(string said, params string[] arguments)
    {
        var picture = _bench.Picture("a.png");

        var (exitCode, output, error) = await Piped([], [.. arguments.Select(word => word.Replace("{picture}", picture))]);

        exitCode.ShouldBe(2, error);
        output.ShouldBeEmpty();
        error.ShouldContain(said);
    }

    /// <summary>Runs the program in a process of its own: the streams are those of a process.</summary>
    private async Task<(int ExitCode, byte[] Output, string Error)> Piped(byte[] input, params string[] arguments)
    {
        string[] all = [Path.Combine(AppContext.BaseDirectory, "DiffBir.Cli.dll"), .. _bench.CommandLine(arguments)];
        var start = new ProcessStartInfo("dotnet", all)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        using var process = Process.Start(start)!;
        using var output = new MemoryStream();
        var copied = process.StandardOutput.BaseStream.CopyToAsync(output);
        var said = process.StandardError.ReadToEndAsync();
        try
        {
            await process.StandardInput.BaseStream.WriteAsync(input);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It ended without reading.
        }

        await copied;
        await process.WaitForExitAsync();
        return (process.ExitCode, output.ToArray(), await said);
    }
}
