namespace DiffBir.Files;

/// <summary>A file or folder on disk, the same for every path that leads to it.</summary>
/// <remarks>
/// On Linux device and inode: links, mounts and the spelling of names make no difference. Elsewhere the path behind all links,
/// whose case is ignored, because the usual file systems of Windows and macOS ignore it.
/// </remarks>
internal readonly record struct FileIdentity
{
    private const int MaxLinks = 40; // Linux's MAXSYMLINKS

    private readonly string _key;

    private FileIdentity(string key) => _key = key;

    /// <summary>What a path leads to; null where there is nothing.</summary>
    public static FileIdentity? Of(string path) =>
        LinuxStatus.Of(path) is { } status
            ? new FileIdentity($"{status.Device.Major}:{status.Device.Minor}:{status.Inode}")
            : ByPath(path);

    /// <summary>The path behind all links, in the path itself and in its folders; where there is nothing, as far as there is something.</summary>
    public static string RealPath(string path) => Resolve(Path.GetFullPath(path), MaxLinks);

    /// <summary>What a path leads to, found without the system's numbers; null where there is nothing.</summary>
    internal static FileIdentity? ByPath(string path) =>
        Path.Exists(path) ? new FileIdentity(RealPath(path).ToUpperInvariant()) : null;

    /// <summary>A full path without links in any of its folders.</summary>
    private static string Resolve(string path, int links)
    {
        var real = Path.GetPathRoot(path)!;
        foreach (var part in path[real.Length..].Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries))
        {
            real = Path.Combine(real, part);
            if (links > 0 && File.ResolveLinkTarget(real, returnFinalTarget: false) is { } target)
            {
                real = Resolve(target.FullName, links - 1);
            }
        }

        return real;
    }
}
