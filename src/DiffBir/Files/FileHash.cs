using System.IO.Hashing;
using System.Runtime.ExceptionServices;
using System.Security.Cryptography;
using DiffBir.Primitives;
using Microsoft.Win32.SafeHandles;

namespace DiffBir.Files;

/// <summary>Checksums of files.</summary>
internal static class FileHash
{
    private const int BlockBytes = 1 << 20;
    private const long PartBytes = 1 << 26;

    /// <summary>The SHA-256 of a file's content, in lower-case hexadecimal digits.</summary>
    /// <param name="path">The file.</param>
    /// <param name="cancellation">Stops between blocks.</param>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static string Sha256(string path, CancellationToken cancellation)
    {
        using var file = File.OpenHandle(path, options: FileOptions.SequentialScan);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Read(file, 0, long.MaxValue, block => hash.AppendData(block), cancellation);
        return Convert.ToHexStringLower(hash.GetCurrentHash());
    }

    /// <summary>
    /// The XXH128 of the XXH128s of a file's parts of 64 MiB, in lower-case hexadecimal digits: for files of gigabytes that are checked
    /// before each use. It notices damage as fast as memory is read, and does not withstand intent. Parts are read side by side.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="threads">At most so many.</param>
    /// <param name="cancellation">Stops between blocks.</param>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static string Xxh128OfParts(string path, int threads, CancellationToken cancellation)
    {
        using var file = File.OpenHandle(path);
        var parts = new byte[Ceiling.Divide(RandomAccess.GetLength(file), PartBytes)][];
        var options = new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellation };
        try
        {
            Parallel.For(
                0,
                parts.Length,
                options,
                part => parts[part] = Xxh128(file, part * PartBytes, (part + 1) * PartBytes, cancellation)
            );
        }
        catch (AggregateException exception)
        {
            ExceptionDispatchInfo.Throw(exception.InnerExceptions[0]);
        }

        return Convert.ToHexStringLower(XxHash128.Hash(parts.SelectMany(part => part).ToArray()));
    }

    private static byte[] Xxh128(SafeFileHandle file, long start, long end, CancellationToken cancellation)
    {
        var hash = new XxHash128();
        Read(file, start, end, block => hash.Append(block), cancellation);
        return hash.GetCurrentHash();
    }

    private static void Read(
        SafeFileHandle file,
        long start,
        long end,
        Action<ReadOnlySpan<byte>> take,
        CancellationToken cancellation
    )
    {
        var block = new byte[BlockBytes];
        var position = start;
        int count;
        while (position < end && (count = RandomAccess.Read(file, block, position)) > 0)
        {
            cancellation.ThrowIfCancellationRequested();
            take(block.AsSpan(0, count));
            position += count;
        }
    }
}
