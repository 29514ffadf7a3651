namespace DiffBir.Files;

/// <summary>Opens files that have an end. A pipe, a socket or a device may be named like a file, and reading it may wait for ever.</summary>
internal static class RegularFile
{
    /// <summary>Whether a path leads to a regular file, as far as the system tells, or to nothing.</summary>
    public static bool Is(string path) => LinuxStatus.Of(path)?.IsRegular ?? !Directory.Exists(path);

    /// <summary>Throws where a path leads to a pipe, a socket or a device; what is missing is left to whoever opens it.</summary>
    /// <exception cref="IOException">The path leads to something without an end.</exception>
    public static void Validate(string path)
    {
        if (!Is(path) && !Directory.Exists(path))
        {
            throw new IOException("It is a pipe, a socket or a device; a regular file is needed.");
        }
    }

    /// <summary>Opens a file for reading.</summary>
    /// <exception cref="IOException">It is missing or no regular file.</exception>
    /// <exception cref="UnauthorizedAccessException">Reading it is not permitted.</exception>
    public static FileStream OpenRead(string path)
    {
        Validate(path);
        return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
    }
}
