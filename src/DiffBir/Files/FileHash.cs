using System.Security.Cryptography;

namespace DiffBir.Files;

/// <summary>Checksums of files.</summary>
internal static class FileHash
{
    private const int BlockBytes = 1 << 20;

    /// <summary>The SHA-256 of a file's content, in lower-case hexadecimal digits.</summary>
    /// <param name="path">The file.</param>
    /// <param name="cancellation">Stops between blocks.</param>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static string Sha256(string path, CancellationToken cancellation)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 0, FileOptions.SequentialScan);
        var block = new byte[BlockBytes];
        int count;
        while ((count = stream.Read(block)) > 0)
        {
            cancellation.ThrowIfCancellationRequested();
            hash.AppendData(block, 0, count);
        }

        return Convert.ToHexStringLower(hash.GetCurrentHash());
    }
}
