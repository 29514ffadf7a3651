namespace DiffBir.Imaging;

/// <summary>Writes files that are either complete or not there.</summary>
internal static class AtomicFile
{
    private const string Prefix = ".diffbir-";
    private const string Extension = ".tmp";

    /// <summary>What temporary names look like.</summary>
    public const string TemporaryPattern = $"{Prefix}*{Extension}";

    /// <summary>Writes under a temporary name in the same folder, then renames; after a failure nothing is left, and an older file stays as it was.</summary>
    /// <param name="path">The file.</param>
    /// <param name="write">Writes into a stream that can be read and searched as well.</param>
    /// <exception cref="IOException">The folder is missing, the disk is full, or the like.</exception>
    /// <exception cref="UnauthorizedAccessException">Writing there is not permitted.</exception>
    public static void Write(string path, Action<FileStream> write)
    {
        path = Path.GetFullPath(path);
        var temporary = Path.Combine(Path.GetDirectoryName(path) ?? path, $"{Prefix}{Guid.NewGuid():N}{Extension}");
        try
        {
            using (var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.ReadWrite))
            {
                write(stream);
            }

            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }
}
