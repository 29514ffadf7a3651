using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace DiffBir.Commands;

/// <summary>The end of the process while a command is still at work.</summary>
internal static partial class ProcessEnd
{
    /// <summary>Ends the process at once. Leaving in order would take apart what a network's threads are computing with, and crash.</summary>
    [DoesNotReturn]
    public static void Now(int code)
    {
        if (!OperatingSystem.IsWindows())
        {
            Exit(code);
        }

        Environment.Exit(code);
    }

    [LibraryImport("libc", EntryPoint = "_exit")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial void Exit(int code);
}
