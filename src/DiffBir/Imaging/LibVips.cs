using NetVips;

namespace DiffBir.Imaging;

/// <summary>Puts libvips into the state that hostile files call for, once for the process.</summary>
/// <remarks>
/// libvips has these settings for a whole process only: loaders that were not hardened are blocked, no operation is cached (a cached
/// one would keep files open and pixels alive), and warnings are dropped, since a library is silent.
/// </remarks>
internal static class LibVips
{
    private static readonly Lazy<Exception?> Failure = new(Prepare);

    /// <summary>Makes sure that libvips is loaded and prepared.</summary>
    /// <exception cref="ImageException">The native library cannot be loaded.</exception>
    public static void EnsureReady()
    {
        if (Failure.Value is { } failure)
        {
            throw new ImageException(
                $"The native image library libvips could not be loaded ({failure.Message}). "
                    + "Reinstall the package for this operating system and processor.",
                failure
            );
        }
    }

    /// <summary>What libvips said, as the end of a sentence.</summary>
    public static string Reason(VipsException error)
    {
        var lines = error.Message.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        // The first line is the binding's own; the native library's follow, the cause first.
        return lines.Length > 1 ? lines[1] : lines.FirstOrDefault() ?? "no reason given";
    }

    private static Exception? Prepare()
    {
        try
        {
            if (!ModuleInitializer.VipsInitialized)
            {
                return ModuleInitializer.Exception ?? new InvalidOperationException("no reason given");
            }

            NetVips.NetVips.BlockUntrusted = true;
            Cache.Max = 0;
            Log.SetLogHandler(
                "VIPS",
                Enums.LogLevelFlags.Warning | Enums.LogLevelFlags.Message | Enums.LogLevelFlags.Info,
                static (_, _, _) => { }
            );
            return null;
        }
        catch (Exception error) when (error is DllNotFoundException or TypeInitializationException)
        {
            return error;
        }
    }
}
