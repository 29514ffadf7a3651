using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using Microsoft.Win32.SafeHandles;

namespace DiffBir.Imaging;

/// <summary>Files for one process alone, which take no room after its end, however it ends.</summary>
/// <remarks>
/// Where the system lets an open file go without a name (Linux, macOS) it has none from the start, and Windows deletes it with
/// its last handle. Where neither works, as on some network drives, its name says whose it is, and the next process clears up.
/// </remarks>
internal static class ScratchFile
{
    private const string Prefix = "diffbir-";
    private const string Extension = ".scratch";

    /// <summary>Makes an empty file.</summary>
    /// <param name="folder">Where it takes room.</param>
    /// <param name="bytes">The room to reserve, so that a full disk shows at once.</param>
    /// <exception cref="IOException">The folder is missing, or lacks the room.</exception>
    /// <exception cref="UnauthorizedAccessException">Writing there is not permitted.</exception>
    public static SafeFileHandle Create(string folder, long bytes = 0)
    {
        var path = NewPath(folder);
        var file = File.OpenHandle(
            path,
            FileMode.CreateNew,
            FileAccess.ReadWrite,
            FileShare.None,
            FileOptions.DeleteOnClose | FileOptions.RandomAccess,
            preallocationSize: bytes
        );
        if (!OperatingSystem.IsWindows())
        {
            TryDelete(path);
        }

        return file;
    }

    /// <summary>A path for a file that others open by its name; whoever makes it deletes it, or the next process that clears up.</summary>
    public static string NewPath(string folder) =>
        Path.Combine(folder, $"{Prefix}{Environment.MachineName}-{Environment.ProcessId}-{Guid.NewGuid():N}{Extension}");

    /// <summary>Deletes what processes of this machine that are gone have left in a folder.</summary>
    public static void ClearUp(string folder)
    {
        try
        {
            foreach (var file in new DirectoryInfo(folder).EnumerateFiles($"{Prefix}*{Extension}"))
            {
                if (IsAbandoned(file))
                {
                    TryDelete(file.FullName);
                }
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Whoever cannot read the folder has left nothing in it, or learns of it when a file is made.
        }
    }

    private static bool IsAbandoned(FileInfo file)
    {
        // diffbir-MACHINE-PROCESS-GUID.scratch; a machine's name may hold hyphens.
        var name = Path.GetFileNameWithoutExtension(file.Name);
        var parts = name.Split('-');
        return parts.Length >= 4
            && name.StartsWith($"{Prefix}{Environment.MachineName}-", StringComparison.Ordinal)
            && int.TryParse(parts[^2], CultureInfo.InvariantCulture, out var process)
            && !IsOwnerAlive(process, file.LastWriteTimeUtc);
    }

    /// <summary>Whether the process that wrote a file still runs; one that began later has its number by chance.</summary>
    private static bool IsOwnerAlive(int process, DateTime written)
    {
        try
        {
            using var owner = Process.GetProcessById(process);
            return owner.StartTime.ToUniversalTime() <= written;
        }
        catch (ArgumentException)
        {
            return false;
        }
        catch (Exception error) when (error is Win32Exception or InvalidOperationException)
        {
            return true; // nothing is known of it
        }
    }

    private static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // It goes when it is closed, or when the next process clears up.
        }
    }
}
