using DiffBir.Cluster.Jobs;
using DiffBir.Tests.Structure;

namespace DiffBir.Cluster.Tests.Structure;

/// <summary>The folders stand on each other without circles, and one of them knows NATS, another one S3.</summary>
public sealed class ClusterFloorsTests
{
    [Fact]
    public void Each_folder_uses_only_those_below_it() => typeof(Job).Assembly.ShouldUseOnlyWhatStandsBelow("DiffBir.Cluster");

    [Theory]
    [InlineData("NATS", "Nats")]
    [InlineData("Amazon", "S3")]
    public void Nobody_but_one_folder_knows_what_is_behind_an_interface(string library, string folder) =>
        Directory
            .EnumerateFiles(Path.Combine(WorkingCopy.Folder, "src"), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}"))
            .Where(file => !file.Contains(Path.Combine("DiffBir.Cluster", folder)))
            .Where(file => File.ReadAllText(file).Contains($"using {library}."))
            .ShouldBeEmpty();
}
