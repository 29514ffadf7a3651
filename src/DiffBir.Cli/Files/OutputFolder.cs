using DiffBir.Files;

namespace DiffBir.Cli.Files;

/// <summary>Finds out before the work whether its results can be written.</summary>
internal static class OutputFolder
{
    /// <summary>Throws unless these files can be written. Nothing is left behind; folders that are missing stay so.</summary>
    /// <exception cref="UsageException">A folder is closed to us, on a medium that cannot be written, or below something that is no folder.</exception>
    public static void ValidateFor(params IEnumerable<string> files) =>
        Validate([.. files.Select(file => Path.GetDirectoryName(Path.GetFullPath(file))!).Distinct()]);

    /// <summary>Throws unless files can be written into these folders.</summary>
    /// <inheritdoc cref="ValidateFor"/>
    public static void Validate(params IEnumerable<string> folders)
    {
        foreach (var folder in folders.Select(folder => Existing(Path.GetFullPath(folder))).Distinct())
        {
            Try(folder);
        }
    }

    /// <summary>Throws unless a file that is not replaced but written in its place can be: a report, which may go to a pipe or a device as well.</summary>
    /// <inheritdoc cref="ValidateFor"/>
    public static void ValidateInPlace(string file)
    {
        if (!File.Exists(file))
        {
            ValidateFor(file);
        }
        else if (RegularFile.Is(file))
        {
            Try(file, () => new FileStream(file, FileMode.Open, FileAccess.Write).Dispose());
        }
    }

    /// <summary>The innermost folder of a path that is there already.</summary>
    private static string Existing(string folder)
    {
        while (!Path.Exists(folder) && Path.GetDirectoryName(folder) is { } around)
        {
            folder = around;
        }

        return folder;
    }

    private static void Try(string folder)
    {
        if (!Directory.Exists(folder))
        {
            throw new UsageException($"The output cannot be written: {folder} is no folder. Name another one.");
        }

        var path = Path.Combine(folder, $".diffbir-{Guid.NewGuid():N}.tmp");
        const int unbuffered = 1;
        Try(
            folder,
            () =>
                new FileStream(
                    path,
                    FileMode.CreateNew,
                    FileAccess.Write,
                    FileShare.None,
                    unbuffered,
                    FileOptions.DeleteOnClose
                ).Dispose()
        );
    }

    private static void Try(string place, Action write)
    {
        try
        {
            write();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new UsageException(
                $"{place} cannot be written to ({exception.Message.TrimEnd('.')}). Name another file or folder."
            );
        }
    }
}
