namespace DiffBir.Server.Api;

/// <summary>Files of jobs, to be sent to clients. They may vanish at any time, when their jobs are deleted.</summary>
internal static class JobFile
{
    private const int BufferSize = 65_536;

    /// <summary>Opens a file; null where it is gone. Once open it can be read to its end.</summary>
    public static FileStream? Open(string path)
    {
        try
        {
            const FileShare share = FileShare.Read | FileShare.Delete;
            return new FileStream(path, FileMode.Open, FileAccess.Read, share, BufferSize, useAsync: true);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }
}
