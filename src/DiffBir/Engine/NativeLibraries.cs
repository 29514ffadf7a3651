using System.Runtime.InteropServices;

namespace DiffBir.Engine;

/// <summary>Libraries of others that may or may not be installed. They stay loaded: whoever asks for one goes on to use it.</summary>
internal static class NativeLibraries
{
    /// <summary>Whether the system's loader finds a library with all that it needs.</summary>
    /// <param name="name">As the loader knows it, such as libcudnn.so.9.</param>
    public static bool CanLoad(string name) => NativeLibrary.TryLoad(name, out _);

    /// <summary>The functions of a library; null where it cannot be loaded.</summary>
    /// <param name="name">As the loader knows it.</param>
    /// <returns>Gives the address of a function, 0 where there is none of the name.</returns>
    public static Func<string, nint>? Functions(string name) =>
        NativeLibrary.TryLoad(name, out var library)
            ? function => NativeLibrary.TryGetExport(library, function, out var address) ? address : 0
            : null;
}
