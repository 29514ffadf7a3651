namespace DiffBir.Files;

/// <summary>Opens files that have an end. A pipe, a socket or a device may be named like a file, and reading it may wait for ever.</summary>
internal static class RegularFile
{
    /// <summary>Throws where a path leads to a pipe, a socket or a device; what is missing is left to whoever opens it.</summary>
    /// <exception cref="IOException">The path leads to something without an end.</exception>
    public static void Require(string path)
    {
        if (LinuxStatus.Of(path) is { IsRegular: false, IsFolder: false })
        {
            throw new IOException("It is a pipe, a socket or a device; a regular file is needed.");
        }
    }

    /// <summary>Opens a file for reading.</summary>
    /// <exception cref="IOException">It is missing or no regular file.</exception>
    /// <exception cref="UnauthorizedAccessException">Reading it is not permitted.</exception>
    public static FileStream OpenRead(string path)
    {
        Require(path);
        return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
    }
}
