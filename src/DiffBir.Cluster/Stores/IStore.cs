namespace DiffBir.Cluster.Stores;

/// <summary>Where results and records lie: a place that all machines see, and in which nothing is ever replaced.</summary>
/// <remarks>Names are relative, with forward slashes. What the place refuses is an <see cref="IOException"/> or an <see cref="UnauthorizedAccessException"/>.</remarks>
internal interface IStore
{
    /// <summary>Throws unless the place can hold the truth.</summary>
    /// <exception cref="StoreException">It cannot.</exception>
    Task ValidateAsync(CancellationToken cancellation);

    /// <summary>Whether something has this name.</summary>
    Task<bool> ExistsAsync(string name, CancellationToken cancellation);

    /// <summary>The content of a small file; null where there is none.</summary>
    Task<byte[]?> ReadAsync(string name, CancellationToken cancellation);

    /// <summary>Writes a small file whole; false, and nothing is changed, where there is one.</summary>
    Task<bool> TryWriteAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellation);

    /// <summary>A path on this machine at which a result can be made that is committed later.</summary>
    /// <param name="folder">The folder in the place that it may take room in meanwhile.</param>
    string NewDraft(string folder);

    /// <summary>Gives a draft its name, whole; false, and nothing is changed, where something has it. The draft is left to its owner.</summary>
    Task<bool> TryCommitAsync(string draft, string name, CancellationToken cancellation);

    /// <summary>SHA-256 of a file's content.</summary>
    Task<string> Sha256Async(string name, CancellationToken cancellation);

    /// <summary>Names of the files below a folder; none where it is missing.</summary>
    IAsyncEnumerable<string> ListAsync(string folder, CancellationToken cancellation);

    /// <summary>Deletes a file, if it is there.</summary>
    Task DeleteAsync(string name, CancellationToken cancellation);

    /// <summary>Deletes a folder with all that is in it, if it is there.</summary>
    Task DeleteFolderAsync(string folder, CancellationToken cancellation);
}

/// <summary>A place that cannot hold results.</summary>
internal sealed class StoreException(string message, Exception? innerException = null)
    : DiffBirException(message, innerException);
