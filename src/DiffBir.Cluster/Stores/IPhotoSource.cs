namespace DiffBir.Cluster.Stores;

/// <summary>Where photos lie. What the place refuses is an <see cref="IOException"/> or an <see cref="UnauthorizedAccessException"/>.</summary>
internal interface IPhotoSource
{
    /// <summary>How large a photo is, and when it was last written; null where it is missing.</summary>
    Task<PhotoState?> FindAsync(string path, CancellationToken cancellation);

    /// <summary>SHA-256 of a photo's content.</summary>
    Task<string> Sha256Async(string path, CancellationToken cancellation);

    /// <summary>A photo as a file of this machine; null where it is missing.</summary>
    Task<LocalPhoto?> FetchAsync(string path, CancellationToken cancellation);
}

/// <summary>A whole place that does not answer, for all that is in it: it is waited for.</summary>
internal sealed class PlaceAwayException(string message, Exception? innerException = null) : IOException(message, innerException);

/// <summary>A photo as it is now.</summary>
/// <param name="Size">In bytes.</param>
/// <param name="Modified">When it was last written, in ticks of universal time.</param>
internal sealed record PhotoState(long Size, long Modified);

/// <summary>A photo as a file of this machine; a copy goes when it is disposed.</summary>
/// <param name="path">The file.</param>
/// <param name="isCopy">Whether it was made for this one use.</param>
internal sealed class LocalPhoto(string path, bool isCopy) : IDisposable
{
    /// <summary>The file.</summary>
    public string Path { get; } = path;

    /// <inheritdoc/>
    public void Dispose()
    {
        if (isCopy)
        {
            File.Delete(Path);
        }
    }
}
