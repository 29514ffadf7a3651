using DiffBir.Imaging;
using DiffBir.Tests.Imaging;
using DiffBir.Tests.Support;

namespace DiffBir.Tests.Cli;

/// <summary>What the README tells a newcomer to type does what it says.</summary>
public sealed class ReadmeTests
{
    [Fact]
    public async Task Photos_are_restored_by_its_command_lines()
    {
        using var folder = new TemporaryFolder();
        var lines = Documents
            .CommandLines(Documents.Text("README.md"), "diffbir ")
            .Where(arguments => arguments[0] == "restore")
            .ToList();

        lines.Count.ShouldBe(2);
        foreach (var arguments in lines)
        {
            string[] placed = [.. arguments.Select(word => Path.HasExtension(word) ? folder.File(word) : word)];
            var (input, output) = (placed[1], placed[Array.IndexOf(placed, "-o") + 1]);
            using (var photo = Photo.Of(Pictures.Gradient(40, 48)))
            {
                ImageFile.Write(photo, input, new ImageEncoding(ImageFormat.Jpeg));
            }

            var run = await CommandLine.Run(placed);

            run.ExitCode.ShouldBe(0, run.Error);
            ImageFile.Inspect(output).Width.ShouldBeGreaterThan(48);
        }
    }
}
