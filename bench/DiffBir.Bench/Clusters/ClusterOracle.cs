using DiffBir.Cluster.Jobs;
using DiffBir.Cluster.Stores;
using DiffBir.Cluster.Tests.Support;

namespace DiffBir.Bench.Clusters;

/// <summary>What must be true after each batch, whatever was done to it.</summary>
internal static class ClusterOracle
{
    private static readonly EnumerationOptions AllFiles = new()
    {
        RecurseSubdirectories = true,
        AttributesToSkip = FileAttributes.None,
    };

    /// <summary>All that is wrong: photos without a result, with other bytes, files that nobody asked for, others set aside than planted.</summary>
    public static IReadOnlyList<string> Wrong(string input, string output)
    {
        var wrong = new List<string>();
        var photos = Directory.EnumerateFiles(input).Select(path => Path.GetFileName(path)).ToHashSet();
        var planted = photos.Where(name => name.StartsWith(ClusterStub.Poison, StringComparison.Ordinal)).ToHashSet();
        var files = Directory
            .EnumerateFiles(output, "*", AllFiles)
            .Select(path => Path.GetRelativePath(output, path).Replace(Path.DirectorySeparatorChar, '/'))
            .ToHashSet();
        var wanted = photos.Except(planted).Concat(photos.Select(Layout.Record)).ToHashSet();
        wrong.AddRange(wanted.Except(files).Select(name => $"{name} is missing"));
        wrong.AddRange(files.Except(wanted).Select(name => $"{name} is too much"));
        foreach (var name in photos.Except(planted).Where(files.Contains))
        {
            var alone = StubEngine.Result(File.ReadAllBytes(Path.Combine(input, name)), 0);
            if (!File.ReadAllBytes(Path.Combine(output, name)).AsSpan().SequenceEqual(alone))
            {
                wrong.Add($"{name} has other bytes");
            }
        }

        foreach (var name in photos.Where(name => files.Contains(Layout.Record(name))))
        {
            var record = ClusterJson.Read<JobRecord>(File.ReadAllBytes(Path.Combine(output, Layout.Record(name))));
            var isSetAside = record?.Failure is { Kind: FailureKind.SetAside };
            if (record is null || isSetAside != planted.Contains(name) || (record.Failure is not null && !isSetAside))
            {
                wrong.Add($"{name} is recorded as {record?.Failure?.Message ?? "restored"}");
            }
        }

        return wrong;
    }
}
