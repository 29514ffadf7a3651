using System.Text;
using DiffBir.Imaging;
using DiffBir.Restoration;

namespace DiffBir.Server.Storage;

/// <summary>Where everything of the server lies on disk. All names are made here, of ids that the server made; none comes from a client.</summary>
internal sealed class DataFolder : IDisposable
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private readonly string _root;
    private readonly FileStream _lock;
    private readonly Lazy<string> _name;

    /// <summary>Opens the folder for this server alone; makes it where it is not there.</summary>
    /// <exception cref="DiffBirException">Another server has it, or it cannot be made.</exception>
    public DataFolder(string root)
    {
        _root = Path.GetFullPath(root);
        _name = new Lazy<string>(ReadName);
        try
        {
            MakePrivate(_root);
            MakePrivate(Jobs);
            MakePrivate(Incoming);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new DiffBirException(
                $"The data folder {root} cannot be used: {error.Message} Name another one (--data).",
                error
            );
        }

        try
        {
            _lock = new FileStream(Path.Combine(_root, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException error)
        {
            throw new DiffBirException(
                $"The data folder {root} is in use by another server. Stop that one, or name another folder (--data).",
                error
            );
        }
    }

    /// <summary>What it is called elsewhere: a text that no other data folder has, the same after each start.</summary>
    public string Name => _name.Value;

    /// <summary>The database of jobs.</summary>
    public string Database => Path.Combine(_root, "jobs.db");

    /// <summary>Bytes that the disk has free.</summary>
    /// <exception cref="StorageException">The disk does not say.</exception>
    public long FreeBytes => StorageException.Translate(() => new DriveInfo(_root).AvailableFreeSpace);

    /// <summary>What was set aside because it is damaged.</summary>
    public string Damaged => Path.Combine(_root, "damaged");

    private string Jobs => Path.Combine(_root, "jobs");

    private string Incoming => Path.Combine(_root, "incoming");

    /// <summary>A file for an upload that is not a job's yet.</summary>
    public string NewUpload() => Path.Combine(Incoming, JobId.New().ToHex());

    /// <summary>A job's folder.</summary>
    public string FolderOf(JobId id) => Path.Combine(Jobs, id.ToHex());

    /// <summary>The upload, as it came.</summary>
    public string Original(JobId id) => Path.Combine(FolderOf(id), "original");

    /// <summary>The result in its final format.</summary>
    public string Result(JobId id) => Path.Combine(FolderOf(id), "result");

    /// <summary>The upload in a form that browsers show.</summary>
    public string ShownOriginal(JobId id) => Path.Combine(FolderOf(id), "original-shown");

    /// <summary>The result in a form that browsers show.</summary>
    public string ShownResult(JobId id) => Path.Combine(FolderOf(id), "result-shown");

    /// <summary>An image from the middle of the work.</summary>
    public string Intermediate(JobId id, IntermediateImage kind) =>
        Path.Combine(
            FolderOf(id),
            kind switch
            {
                IntermediateImage.Clean => "clean",
                IntermediateImage.Weights => "weights",
                _ => "preview",
            }
        );

    /// <summary>A face by itself.</summary>
    /// <param name="id">The job.</param>
    /// <param name="number">Which face, from 1.</param>
    /// <param name="isRestored">Whether it is the restored one.</param>
    public string Face(JobId id, int number, bool isRestored) =>
        Path.Combine(FolderOf(id), $"face-{number}-{(isRestored ? "after" : "before")}");

    /// <summary>Makes an upload a job's.</summary>
    /// <exception cref="StorageException">The disk refuses.</exception>
    public void Adopt(string upload, JobId id) =>
        StorageException.Translate(() =>
        {
            MakePrivate(FolderOf(id));
            File.Move(upload, Original(id));
        });

    /// <summary>The size of a job's files in bytes.</summary>
    public long SizeOf(JobId id)
    {
        var folder = new DirectoryInfo(FolderOf(id));
        return folder.Exists ? folder.EnumerateFiles().Sum(file => file.Length) : 0;
    }

    /// <summary>Removes a job's files.</summary>
    /// <exception cref="StorageException">The disk refuses.</exception>
    public void Remove(JobId id) =>
        StorageException.Translate(() =>
        {
            try
            {
                Directory.Delete(FolderOf(id), recursive: true);
            }
            catch (DirectoryNotFoundException)
            {
                // It is gone, which is what was wanted.
            }
        });

    /// <summary>Removes what a job no longer needs once it came to its end, and what an interrupted attempt left.</summary>
    public void KeepOnlyOriginal(JobId id)
    {
        foreach (var path in Directory.EnumerateFiles(FolderOf(id)))
        {
            if (path != Original(id))
            {
                File.Delete(path);
            }
        }
    }

    /// <summary>Removes uploads that were cut off.</summary>
    public void DeleteIncoming()
    {
        foreach (var upload in Directory.EnumerateFiles(Incoming))
        {
            File.Delete(upload);
        }
    }

    /// <summary>The folders of jobs besides those that are known.</summary>
    public IEnumerable<string> FoldersBut(IEnumerable<JobId> known)
    {
        var names = known.Select(id => id.ToHex()).ToHashSet();
        return Directory.EnumerateDirectories(Jobs).Where(folder => !names.Contains(Path.GetFileName(folder)));
    }

    /// <inheritdoc/>
    public void Dispose() => _lock.Dispose();

    private string ReadName()
    {
        var file = Path.Combine(_root, "name");
        if (!File.Exists(file))
        {
            AtomicFile.Write(file, stream => stream.Write(Encoding.ASCII.GetBytes(JobId.New().ToHex())));
        }

        return File.ReadAllText(file);
    }

    /// <summary>Makes a folder for this program's user alone.</summary>
    public static void MakePrivate(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
        }
        else
        {
            Directory.CreateDirectory(folder, Private);
        }
    }
}
