using System.Collections.Concurrent;
using DiffBir.Cluster.Jobs;
using DiffBir.Files;
using DiffBir.Options;
using DiffBir.Packs;
using DiffBir.Restoration;

namespace DiffBir.Cluster.Restoring;

/// <summary>What a model is made of: two machines with one fingerprint restore alike.</summary>
/// <param name="weightsFolders">Where the models' files are, besides their own folders.</param>
internal sealed class PackFingerprint(IReadOnlyList<string> weightsFolders)
{
    private readonly ConcurrentDictionary<(string Path, long Size, DateTime Modified), string> _hashes = [];

    /// <summary>SHA-256 of a model's description and of the files that a task needs.</summary>
    /// <param name="pack">The model.</param>
    /// <param name="task">The task.</param>
    /// <param name="faces">How faces are treated: to find them takes files of its own.</param>
    /// <param name="cancellation">Stops the reading, of gigabytes the first time.</param>
    /// <exception cref="PackException">Files are missing.</exception>
    public string Of(ModelPack pack, RestorationTask task, FaceOptions faces, CancellationToken cancellation)
    {
        List<string> parts = [pack.Name, .. Description(pack, cancellation), .. Files(pack, pack.FilesOf(task), cancellation)];
        if (faces.Restore)
        {
            parts.AddRange(FaceDetector(faces, cancellation));
        }

        return JobHash.Of(parts);
    }

    private IEnumerable<string> FaceDetector(FaceOptions faces, CancellationToken cancellation) =>
        FaceDetectorChoice.Of(faces, weightsFolders).Cascades is { } cascades
            ? cascades.All.SelectMany(path => new[] { Path.GetFileName(path), Hash(path, cancellation) })
            : Files(FaceFiles.Pack, FaceFiles.Pack.Files.Keys, cancellation);

    // Built-in descriptions are those of the program's version.
    private IEnumerable<string> Description(ModelPack pack, CancellationToken cancellation) =>
        pack.Folder is { } folder ? [Hash(Path.Combine(folder, PackReader.FileName), cancellation)] : [];

    private IEnumerable<string> Files(ModelPack pack, IEnumerable<string> keys, CancellationToken cancellation)
    {
        var files = new PackFiles(pack, weightsFolders);
        List<string> needed = [.. keys.Order(StringComparer.Ordinal)];
        files.Validate(needed);
        return needed.SelectMany(key => new[] { key, Hash(files.PathOf(key), cancellation) });
    }

    private string Hash(string path, CancellationToken cancellation)
    {
        var file = new FileInfo(path);
        return _hashes.GetOrAdd(
            (file.FullName, file.Length, file.LastWriteTimeUtc),
            key => FileHash.Sha256(key.Path, cancellation)
        );
    }
}
