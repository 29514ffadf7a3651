using DiffBir.Tests.Support;

namespace DiffBir.Tests.Structure;

/// <summary>Who knows where code is knows where its tests are.</summary>
public sealed class MirrorTests
{
    [Theory]
    [InlineData("DiffBir.Tests", "DiffBir", "Cli EndToEnd Golden Structure Support")]
    [InlineData("DiffBir.Tests/Cli", "DiffBir.Cli", "Help")]
    [InlineData("DiffBir.Cluster.Tests", "DiffBir.Cluster", "Structure Support")]
    [InlineData("DiffBir.Server.Tests", "DiffBir.Server", "Structure Support")]
    [InlineData("DiffBir.Training.Tests", "DiffBir.Training", "Native Structure Support")]
    public void Folders_of_tests_are_those_of_the_code(string tests, string code, string others) =>
        Folders("tests", tests).Except(others.Split(' ')).ShouldBeSubsetOf(Folders("src", code));

    [Theory]
    [InlineData("DiffBir.Tests")]
    [InlineData("DiffBir.Cluster.Tests")]
    [InlineData("DiffBir.Server.Tests")]
    [InlineData("DiffBir.Server.Tests.Browser")]
    [InlineData("DiffBir.Training.Tests")]
    public void A_namespace_is_its_folders_path(string project)
    {
        foreach (var file in Sources.CSharpBelow($"tests/{project}"))
        {
            var parts = Sources.Relative(file).Split('/')[1..^1];
            File.ReadLines(file)
                .First(line => line.StartsWith("namespace ", StringComparison.Ordinal))
                .ShouldBe($"namespace {string.Join('.', parts)};", file);
        }
    }

    private static IEnumerable<string> Folders(string kind, string project) =>
        Directory
            .EnumerateDirectories(Path.Combine(WorkingCopy.Folder, kind, project))
            .Select(folder => Path.GetFileName(folder))
            .Where(folder => folder is not ("bin" or "obj" or "TestResults"));
}
