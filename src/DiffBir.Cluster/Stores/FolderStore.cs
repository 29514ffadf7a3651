using System.Runtime.CompilerServices;
using DiffBir.Files;
using DiffBir.Packs.Files;

namespace DiffBir.Cluster.Stores;

/// <summary>A folder that all machines see. A name is given by a hard link, which the file system makes for one of several only.</summary>
/// <param name="root">The folder.</param>
/// <param name="drafts">Where below it small files are written before they get their names; whoever ends the batch deletes it.</param>
internal sealed class FolderStore(string root, string drafts = Layout.Drafts) : IStore
{
    private const int MaxBytes = 1 << 20;
    private const int MaxAttempts = 3;

    private static readonly EnumerationOptions All = new()
    {
        RecurseSubdirectories = true,
        AttributesToSkip = FileAttributes.None,
    };

    /// <inheritdoc/>
    public async Task ValidateAsync(CancellationToken cancellation)
    {
        var folder = $"{drafts}/probe-{Guid.NewGuid():N}";
        try
        {
            await TryWriteAsync($"{folder}/file", new byte[1], cancellation);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new StoreException(
                $"{root} cannot hold results: {error.Message.TrimEnd('.')}. Name another folder (-o).",
                error
            );
        }
        finally
        {
            await DeleteFolderAsync(folder, CancellationToken.None);
        }
    }

    /// <inheritdoc/>
    public Task<bool> ExistsAsync(string name, CancellationToken cancellation) => Task.FromResult(Path.Exists(PathOf(name)));

    /// <inheritdoc/>
    public async Task<byte[]?> ReadAsync(string name, CancellationToken cancellation)
    {
        try
        {
            var file = RegularFile.OpenRead(PathOf(name));
            await using (file)
            {
                if (file.Length > MaxBytes)
                {
                    throw new IOException($"{name} has {file.Length:N0} bytes; a record has at most {MaxBytes:N0}.");
                }

                var content = new byte[file.Length];
                await file.ReadExactlyAsync(content, cancellation);
                return content;
            }
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <inheritdoc/>
    public async Task<bool> TryWriteAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellation)
    {
        var path = PathOf(name);
        if (File.Exists(path))
        {
            return false;
        }

        var draft = NewDraft(drafts);
        try
        {
            await File.WriteAllBytesAsync(draft, content, cancellation);
            return await TryCommitAsync(draft, name, cancellation);
        }
        finally
        {
            File.Delete(draft);
        }
    }

    /// <inheritdoc/>
    public string NewDraft(string folder)
    {
        var path = PathOf(folder);
        Directory.CreateDirectory(path);
        return Path.Combine(path, $"{Guid.NewGuid():N}.draft");
    }

    /// <inheritdoc/>
    public Task<bool> TryCommitAsync(string draft, string name, CancellationToken cancellation)
    {
        var path = PathOf(name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using (var file = new FileStream(draft, FileMode.Open, FileAccess.ReadWrite))
        {
            file.Flush(flushToDisk: true); // a name is a promise, also after a power cut
        }

        if (HardLink.TryCreate(path, draft))
        {
            return Task.FromResult(true);
        }

        return Path.Exists(path)
            ? Task.FromResult(false)
            : throw new IOException(
                $"{path} could not be made as a hard link, which is how one of several workers wins. Put results on a file system that has hard links."
            );
    }

    /// <inheritdoc/>
    public Task<string> Sha256Async(string name, CancellationToken cancellation) =>
        Task.Run(() => FileHash.Sha256(PathOf(name), cancellation), cancellation);

    /// <inheritdoc/>
    public async IAsyncEnumerable<string> ListAsync(string folder, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await Task.Yield();
        var path = PathOf(folder);
        using var files = Directory.Exists(path) ? Directory.EnumerateFiles(path, "*", All).GetEnumerator() : null;
        while (files is not null && MoveNext(files))
        {
            cancellation.ThrowIfCancellationRequested();
            yield return Path.GetRelativePath(root, files.Current).Replace(Path.DirectorySeparatorChar, '/');
        }
    }

    /// <inheritdoc/>
    public Task DeleteAsync(string name, CancellationToken cancellation)
    {
        try
        {
            File.Delete(PathOf(name));
        }
        catch (DirectoryNotFoundException)
        {
            // Then the file is not there either.
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task DeleteFolderAsync(string folder, CancellationToken cancellation)
    {
        for (var attempt = 1; attempt <= MaxAttempts; attempt++)
        {
            try
            {
                Directory.Delete(PathOf(folder), recursive: true);
                break;
            }
            catch (DirectoryNotFoundException)
            {
                break; // It is not there.
            }
            catch (IOException)
            {
                // Who comes late has put something there meanwhile; what stays is in nobody's way.
            }
        }

        return Task.CompletedTask;
    }

    // Others may delete a folder in the middle.
    private static bool MoveNext(IEnumerator<string> files)
    {
        try
        {
            return files.MoveNext();
        }
        catch (DirectoryNotFoundException)
        {
            return false;
        }
    }

    // Names come with jobs, which are not trusted.
    private string PathOf(string name) =>
        FolderPath.Inside(root, name) ?? throw new StoreException($"{name} would lie outside of {root}.");
}
