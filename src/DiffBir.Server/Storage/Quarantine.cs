using System.Globalization;

namespace DiffBir.Server.Storage;

/// <summary>Keeps what is damaged, so that whoever runs the server may get something out of it; it expires as photos do.</summary>
internal sealed class Quarantine(DataFolder folder, TimeProvider time)
{
    private const string NameFormat = "yyyyMMdd-HHmmss-fff";

    private readonly string _name = time.GetUtcNow().UtcDateTime.ToString(NameFormat, CultureInfo.InvariantCulture);

    /// <summary>Where this server puts things.</summary>
    public string Path => System.IO.Path.Combine(folder.Damaged, _name);

    /// <summary>Moves a file or a folder here; does nothing where there is none.</summary>
    /// <exception cref="StorageException">The disk refuses.</exception>
    public void Take(string path) =>
        StorageException.Translate(() =>
        {
            var target = System.IO.Path.Combine(Path, System.IO.Path.GetFileName(path));
            if (File.Exists(path))
            {
                DataFolder.MakePrivate(Path);
                File.Move(path, target);
            }
            else if (Directory.Exists(path))
            {
                DataFolder.MakePrivate(Path);
                Directory.Move(path, target);
            }
        });

    /// <summary>Writes a file here.</summary>
    /// <exception cref="StorageException">The disk refuses.</exception>
    public void Write(string name, string text) =>
        StorageException.Translate(() =>
        {
            DataFolder.MakePrivate(Path);
            File.WriteAllText(System.IO.Path.Combine(Path, name), text);
        });

    /// <summary>Deletes what was put here before a time.</summary>
    /// <exception cref="StorageException">The disk refuses.</exception>
    public void DeleteBefore(DateTimeOffset limit) =>
        StorageException.Translate(() =>
        {
            var last = limit.UtcDateTime.ToString(NameFormat, CultureInfo.InvariantCulture);
            var all = Directory.Exists(folder.Damaged) ? Directory.GetDirectories(folder.Damaged) : [];
            foreach (var old in all.Where(path => string.CompareOrdinal(System.IO.Path.GetFileName(path), last) < 0))
            {
                Directory.Delete(old, recursive: true);
            }
        });
}
