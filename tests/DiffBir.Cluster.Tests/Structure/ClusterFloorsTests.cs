using DiffBir.Cluster.Jobs;
using DiffBir.Tests.Structure;

namespace DiffBir.Cluster.Tests.Structure;

/// <summary>The folders stand on each other without circles, and one of them knows NATS.</summary>
public sealed class ClusterFloorsTests
{
    [Fact]
    public void Each_folder_uses_only_those_below_it() => typeof(Job).Assembly.ShouldUseOnlyWhatStandsBelow("DiffBir.Cluster");

    [Fact]
    public void Nobody_else_knows_NATS() =>
        Directory
            .EnumerateFiles(Path.Combine(WorkingCopy.Folder, "src"), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}"))
            .Where(file => !file.Contains(Path.Combine("DiffBir.Cluster", "Nats")))
            .Where(file => File.ReadAllText(file).Contains("using NATS."))
            .ShouldBeEmpty();
}
