using DiffBir.Cli.Usage;

namespace DiffBir.Cli.Files;

/// <summary>Finds out before the work whether its results can be written.</summary>
internal static class OutputFolder
{
    /// <summary>Throws unless these files can be written. Nothing is left behind; folders that are missing stay so.</summary>
    /// <exception cref="UsageException">A folder is closed to us, on a medium that cannot be written, or below something that is no folder.</exception>
    public static void RequireFor(params IEnumerable<string> files) =>
        Require([.. files.Select(file => Path.GetDirectoryName(Path.GetFullPath(file))!).Distinct()]);

    /// <summary>Throws unless files can be written into these folders.</summary>
    /// <inheritdoc cref="RequireFor"/>
    public static void Require(params IEnumerable<string> folders)
    {
        foreach (var folder in folders.Select(folder => Existing(Path.GetFullPath(folder))).Distinct())
        {
            Try(folder);
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

        try
        {
            var path = Path.Combine(folder, $".diffbir-{Guid.NewGuid():N}.tmp");
            new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose).Dispose();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new UsageException(
                $"Nothing can be written to the folder {folder} ({exception.Message.TrimEnd('.')}). Name another one."
            );
        }
    }
}
