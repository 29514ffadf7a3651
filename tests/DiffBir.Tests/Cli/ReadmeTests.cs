using DiffBir.Imaging;
using DiffBir.Packs;
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
        var lines = Lines("restore").ToList();

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

    [Fact]
    public async Task The_page_starts_by_its_command_line()
    {
        using var data = new TemporaryFolder();
        var arguments = Lines("serve").ShouldHaveSingleItem();

        // Any free port, and nothing among the user's own files.
        var run = await CommandLine.RunUntil("DiffBir is at", [.. arguments, "--quiet", "--port", "0", "--data", data.Path]);

        run.ExitCode.ShouldBe(0, run.Error);
        run.Output.ShouldContain("http://127.0.0.1:");
    }

    [Fact]
    public async Task Models_are_listed_and_fetched_by_the_commands_in_its_text()
    {
        var text = Documents.Text("README.md");
        Documents.Spans(text).ShouldContain("diffbir models list");
        Documents.Spans(text).ShouldContain("diffbir models pull NAME");

        var listed = await CommandLine.Run("models", "list");
        var fetched = await CommandLine.Run("models", "pull", PackCatalog.Mini); // all of it is here, so no network is needed

        listed.ExitCode.ShouldBe(0, listed.Error);
        fetched.ExitCode.ShouldBe(0, fetched.Error);
        foreach (var name in PackCatalog.Names)
        {
            listed.Output.ShouldContain($"{name} ");
            text.ShouldContain($"`{name}`", Case.Sensitive, $"{name} is missing in the README's table of models");
        }
    }

    private static IEnumerable<string[]> Lines(string command) =>
        Documents.CommandLines(Documents.Text("README.md"), "diffbir ").Where(arguments => arguments[0] == command);
}
