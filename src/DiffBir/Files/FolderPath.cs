namespace DiffBir.Files;

/// <summary>Paths inside a folder.</summary>
internal static class FolderPath
{
    /// <summary>The path of a name inside a folder; null where the name leads out of it.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="name">A file's name, which may have folders; where it comes from is not trusted.</param>
    public static string? Inside(string folder, string name)
    {
        var path = Path.Combine(folder, name);
        return Contains(folder, path) ? path : null;
    }

    /// <summary>Whether a path lies below a folder, by its spelling.</summary>
    public static bool Contains(string folder, string path)
    {
        var whole = Path.GetFullPath(folder);
        var inside = Path.EndsInDirectorySeparator(whole) ? whole : whole + Path.DirectorySeparatorChar;
        var full = Path.GetFullPath(path);
        return full.Length > inside.Length && full.StartsWith(inside, StringComparison.Ordinal);
    }
}
