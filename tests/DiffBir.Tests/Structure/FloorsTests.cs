using DiffBir.Cli;
using DiffBir.Tests.Support;

namespace DiffBir.Tests.Structure;

/// <summary>The folders of each project stand on each other without circles.</summary>
public sealed class FloorsTests
{
    [Fact]
    public void Each_folder_of_the_library_uses_only_those_below_it() =>
        typeof(Restorer).Assembly.ShouldUseOnlyWhatStandsBelow("DiffBir");

    [Fact]
    public void Each_folder_of_the_command_line_uses_only_those_below_it() =>
        typeof(DiffBirCommand).Assembly.ShouldUseOnlyWhatStandsBelow("DiffBir.Cli");

    [Fact]
    public void A_use_upwards_is_named_with_both_types()
    {
        var library = typeof(Restorer).Assembly;
        var upsideDown = Floors.Approved(library).Reverse().ToList();

        Floors
            .Upwards(Floors.Uses(library, "DiffBir"), upsideDown)
            .ShouldContain("DiffBir.Restorer uses DiffBir.Imaging.Photo, but Imaging stands above .");
    }

    [Theory]
    [InlineData("DiffBir")]
    [InlineData("DiffBir.Cli")]
    [InlineData("DiffBir.Cluster")]
    [InlineData("DiffBir.Commands")]
    [InlineData("DiffBir.Server")]
    [InlineData("DiffBir.Training")]
    public void A_namespace_is_its_folders_path(string project)
    {
        var folder = Path.Combine(WorkingCopy.Folder, "src", project);
        var files = Directory
            .EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(folder, file).Replace(Path.DirectorySeparatorChar, '/'))
            .Where(file => file.Split('/')[0] is not ("bin" or "obj"))
            .ToList();

        files.ShouldNotBeEmpty();
        foreach (var file in files)
        {
            var line = File.ReadLines(Path.Combine(folder, file))
                .FirstOrDefault(line => line.StartsWith("namespace ", StringComparison.Ordinal));
            if (line is not null) // programs and global usings have none
            {
                string[] parts = [project, .. file.Split('/')[..^1]];
                line.ShouldBe($"namespace {string.Join('.', parts)};", file);
            }
        }
    }
}
