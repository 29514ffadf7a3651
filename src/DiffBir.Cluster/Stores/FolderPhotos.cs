using DiffBir.Files;

namespace DiffBir.Cluster.Stores;

/// <summary>Photos in folders that all machines see: they are read where they lie.</summary>
internal sealed class FolderPhotos : IPhotoSource
{
    /// <inheritdoc/>
    public Task<PhotoState?> FindAsync(string path, CancellationToken cancellation)
    {
        var file = new FileInfo(path);
        return Task.FromResult(file.Exists ? new PhotoState(file.Length, file.LastWriteTimeUtc.Ticks) : null);
    }

    /// <inheritdoc/>
    public Task<string> Sha256Async(string path, CancellationToken cancellation) =>
        Task.Run(() => FileHash.Sha256(path, cancellation), cancellation);

    /// <inheritdoc/>
    public Task<LocalPhoto?> FetchAsync(string path, CancellationToken cancellation) =>
        Task.FromResult(File.Exists(path) ? new LocalPhoto(path, isCopy: false) : null);
}
