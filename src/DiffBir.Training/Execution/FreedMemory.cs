using System.Runtime.InteropServices;

namespace DiffBir.Training.Execution;

/// <summary>
/// Keeps the memory of freed tensors in the process. glibc gives large blocks back to the system at once and gets them again,
/// zeroed page by page, for the next tensor: a fifth of a step.
/// </summary>
internal static partial class FreedMemory
{
    // malloc.h
    private const int TrimThreshold = -1;
    private const int TopPad = -2;
    private const int MaxMaps = -4;
    private const int MaxArenas = -8;

    private const int Growth = 256 << 20; // bytes by which the heap grows at once

    /// <summary>Keeps it from now on; does nothing where the C library is another one.</summary>
    public static void Keep()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        try
        {
            _ = SetOption(MaxArenas, 1); // other arenas cannot hold large blocks
            _ = SetOption(MaxMaps, 0);
            _ = SetOption(TrimThreshold, int.MaxValue);
            _ = SetOption(TopPad, Growth);
        }
        catch (Exception exception) when (exception is EntryPointNotFoundException or DllNotFoundException)
        {
            // Speed alone is lost.
        }
    }

    [LibraryImport("libc", EntryPoint = "mallopt")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SetOption(int option, int value);
}
