using System.Security.Cryptography;
using DiffBir.Checkpoints;
using DiffBir.Files;

namespace DiffBir.Packs.Files;

/// <summary>A folder of model files: what is in it, whether it is sound, and how more comes in.</summary>
/// <param name="folder">The folder; it is made when the first file comes.</param>
public sealed class ModelStore(string folder)
{
    private const int BlockBytes = 1 << 20;

    private static readonly string[] CheckpointExtensions = [".ckpt", ".pth", ".pt", ".pkl", ".safetensors"];

    private readonly ChecksumFile _checksums = new(folder);

    /// <summary>The folder.</summary>
    public string Folder { get; } = Path.GetFullPath(folder);

    /// <summary>Where a file is, or will be.</summary>
    /// <exception cref="PackException">Its description places it outside of the folder.</exception>
    public string PathOf(PackFile file)
    {
        var path = Path.GetFullPath(Path.Combine(Folder, file.Path ?? file.Name));
        return FolderPath.Contains(Folder, path)
            ? path
            : throw new PackException($"{file.Name} belongs at {path}, outside of {Folder}. Put it there by hand.");
    }

    /// <summary>Reads a whole file and compares it with what is known of it.</summary>
    /// <exception cref="PackException">The file or the folder's record cannot be read.</exception>
    public async Task<FileCheck> VerifyAsync(
        PackFile file,
        TransferEvents? events = null,
        CancellationToken cancellation = default
    )
    {
        var path = PathOf(file);
        if (!File.Exists(path))
        {
            return new FileCheck(file, path, FileState.Missing, null, null);
        }

        var size = new FileInfo(path).Length;
        if (file.Size is { } declared && declared != size)
        {
            return new FileCheck(file, path, FileState.WrongSize, size, null);
        }

        var sha256 = await HashAsync(file, path, events, cancellation);
        var state =
            ExpectedSha256(file) is not { } expected ? FileState.Unrecorded
            : expected == sha256 ? FileState.Sound
            : FileState.WrongChecksum;
        return new FileCheck(file, path, state, size, sha256);
    }

    /// <summary>Brings a file into the folder, unless it is there; a SHA-256 that nobody knows is recorded, and holds from then on.</summary>
    /// <param name="file">The file.</param>
    /// <param name="downloader">Downloads it.</param>
    /// <param name="events">What the caller wants to hear.</param>
    /// <param name="cancellation">Stops; what has come is kept for the next time.</param>
    /// <exception cref="PackException">The file cannot be had, or a wrong one lies in its place.</exception>
    public Task<PulledFile> PullAsync(
        PackFile file,
        Downloader downloader,
        TransferEvents? events = null,
        CancellationToken cancellation = default
    ) =>
        PullAsync(
            file,
            async path =>
            {
                var (sha256, source) = await downloader.DownloadAsync(
                    new WantedFile(file, path, ExpectedSha256(file)),
                    candidate => Inspect(file, candidate),
                    events ?? new TransferEvents(),
                    cancellation
                );
                return (sha256, source.ToString());
            },
            events,
            cancellation
        );

    /// <summary>Brings a file from another folder, without a network: as a second name for it where the drive is the same, else as a copy.</summary>
    /// <param name="file">The file.</param>
    /// <param name="from">The other folder.</param>
    /// <param name="events">What the caller wants to hear.</param>
    /// <param name="cancellation">Stops.</param>
    /// <exception cref="PackException">The other folder lacks the file or has a wrong one, or a wrong one lies in its place.</exception>
    public Task<PulledFile> ImportAsync(
        PackFile file,
        string from,
        TransferEvents? events = null,
        CancellationToken cancellation = default
    ) =>
        PullAsync(
            file,
            async path =>
            {
                var source = Path.Combine(from, file.Name);
                if (!File.Exists(source))
                {
                    throw new PackException($"{from} has no {file.Name}.");
                }

                return (await LinkOrCopyAsync(file, source, path, events, cancellation), source);
            },
            events,
            cancellation
        );

    private async Task<PulledFile> PullAsync(
        PackFile file,
        Func<string, Task<(string Sha256, string Source)>> fetch,
        TransferEvents? events,
        CancellationToken cancellation
    )
    {
        var check = await VerifyAsync(file, events, cancellation);
        if (check.Problem is { } problem && check.State != FileState.Missing)
        {
            throw new PackException($"{problem} Move it away, then pull again.");
        }

        if (check.State == FileState.Sound)
        {
            return new PulledFile(file, check.Path, check.Sha256!, Source: null);
        }

        var (sha256, source) = (check.Sha256, (string?)null);
        if (check.State == FileState.Missing)
        {
            CreateFolder(Path.GetDirectoryName(check.Path)!);
            (sha256, source) = await fetch(check.Path);
        }
        else
        {
            Inspect(file, check.Path);
        }

        var size = new FileInfo(check.Path).Length;
        _checksums.Record(file.Name, new RecordedChecksum(sha256!, size, source));
        return new PulledFile(file, check.Path, sha256!, source);
    }

    private string? ExpectedSha256(PackFile file) => file.Sha256 ?? _checksums.Find(file.Name)?.Sha256;

    private void ValidateExpected(PackFile file, string path, string sha256)
    {
        if (file.Size is { } size && new FileInfo(path).Length != size)
        {
            throw new PackException(
                $"{path} has {new FileInfo(path).Length:N0} bytes instead of {size:N0}. It is another file, or not whole."
            );
        }

        if (ExpectedSha256(file) is { } expected && sha256 != expected)
        {
            throw new PackException($"{path} has the SHA-256 {sha256} instead of {expected}. It is another file, or damaged.");
        }

        if (ExpectedSha256(file) is null)
        {
            Inspect(file, path);
        }
    }

    /// <summary>Before a file is trusted for ever: it must at least be a checkpoint, if it is named like one.</summary>
    private static void Inspect(PackFile file, string path)
    {
        if (CheckpointExtensions.Contains(Path.GetExtension(file.Name).ToLowerInvariant()))
        {
            Checkpoint.Open(path);
        }
    }

    private static async Task<string> HashAsync(
        PackFile file,
        string path,
        TransferEvents? events,
        CancellationToken cancellation
    )
    {
        try
        {
            RegularFile.Validate(path);
            await using var stream = new FileStream(
                path,
                FileMode.Open,
                FileAccess.Read,
                FileShare.Read,
                bufferSize: 0,
                FileOptions.Asynchronous | FileOptions.SequentialScan
            );
            return await CopyAsync(file, stream, Stream.Null, events, cancellation);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new PackException($"{path} cannot be read: {exception.Message}", exception);
        }
    }

    /// <summary>Brings the file of another folder, if it is the expected one. Gives its SHA-256.</summary>
    private async Task<string> LinkOrCopyAsync(
        PackFile file,
        string source,
        string path,
        TransferEvents? events,
        CancellationToken cancellation
    )
    {
        var sha256 = await HashAsync(file, source, events, cancellation);
        ValidateExpected(file, source, sha256);
        if (HardLink.TryCreate(path, source))
        {
            return sha256;
        }

        var temporary = path + ".importing";
        try
        {
            await using (var from = File.OpenRead(source))
            await using (var to = new FileStream(temporary, FileMode.Create, FileAccess.Write))
            {
                var copied = await CopyAsync(file, from, to, events, cancellation);
                if (copied != sha256)
                {
                    throw new PackException($"{source} changed while it was copied. Try again.");
                }
            }

            File.Move(temporary, path, overwrite: true);
            return sha256;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new PackException($"{source} cannot be copied to {path}: {exception.Message}", exception);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    /// <summary>Copies a stream to its end. Gives the SHA-256 of the bytes.</summary>
    private static async Task<string> CopyAsync(
        PackFile file,
        Stream from,
        Stream to,
        TransferEvents? events,
        CancellationToken cancellation
    )
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var block = new byte[BlockBytes];
        var done = 0L;
        int count;
        while ((count = await from.ReadAsync(block, cancellation)) > 0)
        {
            hash.AppendData(block, 0, count);
            await to.WriteAsync(block.AsMemory(0, count), cancellation);
            done += count;
            events?.OnProgress?.Invoke(new TransferProgress(file, done, from.Length));
        }

        return Convert.ToHexStringLower(hash.GetCurrentHash());
    }

    private static void CreateFolder(string path)
    {
        try
        {
            Directory.CreateDirectory(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new PackException(
                $"The folder {path} cannot be made: {exception.Message} Choose another one (--dir).",
                exception
            );
        }
    }
}
