using DiffBir.Engine;
using DiffBir.Imaging;

namespace DiffBir.Hosting;

/// <summary>
/// Loads the native libraries that every restoration needs while its options and its model's description are still being read: nearly
/// half a second that would follow the other one.
/// </summary>
internal static class LibrariesAhead
{
    /// <summary>Begins.</summary>
    public static LoadingAhead Begin()
    {
        OnnxRuntime.TurnCollectorOff();
        var libraries = new LoadingAhead();
        libraries.Begin(OnnxRuntime.EnsureReady);
        libraries.Begin(LibVips.EnsureReady);
        return libraries;
    }
}
