using DiffBir.Engine;
using DiffBir.Imaging;
using Microsoft.ML.OnnxRuntime;

namespace DiffBir.Hosting;

/// <summary>
/// Loads the native libraries that every restoration needs while its options and its model's description are still being read: nearly
/// half a second that would follow the other one.
/// </summary>
/// <remarks>What fails here fails again, with its sentence, where the library is used.</remarks>
internal sealed class LoadingAhead : IDisposable
{
    private readonly Task _loading;

    private LoadingAhead(Task loading) => _loading = loading;

    /// <summary>Begins.</summary>
    public static LoadingAhead Begin()
    {
        OnnxRuntime.TurnCollectorOff();
        return Begin(OnnxRuntime.EnsureReady, LibVips.EnsureReady);
    }

    /// <summary>Begins to load libraries, one behind the other.</summary>
    internal static LoadingAhead Begin(params Action[] libraries) => new(Task.Run(() => Array.ForEach(libraries, Load)));

    /// <summary>Waits for the end: a process must not end while it loads a library.</summary>
    public void Dispose() => _loading.Wait();

    private static void Load(Action library)
    {
        try
        {
            library();
        }
        catch (Exception exception)
            when (exception is OnnxRuntimeException or DllNotFoundException or TypeInitializationException or ImageException) { }
    }
}
