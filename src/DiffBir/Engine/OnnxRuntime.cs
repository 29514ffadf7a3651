using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;

namespace DiffBir.Engine;

/// <summary>ONNX Runtime as this process uses it: the one door to its environment, behind which nothing is collected.</summary>
/// <remarks>
/// Official builds of ONNX Runtime keep a device id and a list of sessions in the user's cache folder and send them to the
/// vendor, from the moment at which the environment is made. The API's switch comes too late for both; only the variable does
/// it, and the native library reads it once. It is therefore set here, although a library has no business with variables.
/// </remarks>
internal static partial class OnnxRuntime
{
    /// <summary>The variable that turns ONNX Runtime's collector off where it is set before the environment is made.</summary>
    internal const string TelemetrySwitch = "ORT_DISABLE_TELEMETRY";

    private static readonly Lazy<bool> CollectorIsOff = new(SwitchCollectorOff);
    private static readonly Lazy<OrtEnv> Shared = new(MakeEnvironment);
    private static readonly Lazy<bool> ArenaIsShared = new(ShareArena);

    /// <summary>The names of the execution providers that are installed.</summary>
    public static string[] AvailableProviders => Shared.Value.GetAvailableProviders();

    /// <summary>The version of the native library.</summary>
    public static string Version => Shared.Value.GetVersionString();

    /// <summary>
    /// Turns the collector off, once. Native code reads variables without a lock, so who makes the environment on another thread
    /// does this before.
    /// </summary>
    public static void TurnCollectorOff() => _ = CollectorIsOff.Value;

    /// <summary>Makes sure that the native library is loaded and its environment made.</summary>
    public static void EnsureReady() => _ = Shared.Value;

    /// <summary>Whether sessions on the processor can compute in one arena of memory (<see cref="SharedArena"/>).</summary>
    public static bool HasSharedArena => ArenaIsShared.Value;

    /// <summary>Options for a session.</summary>
    public static SessionOptions CreateSessionOptions()
    {
        EnsureReady();
#pragma warning disable RS0030 // the door itself
        return new SessionOptions();
#pragma warning restore RS0030
    }

    private static OrtEnv MakeEnvironment()
    {
        TurnCollectorOff();
#pragma warning disable RS0030 // the door itself
        var environment = OrtEnv.Instance();
#pragma warning restore RS0030
        // For Windows, where events go to the system instead, and for a host that made the environment before us.
        environment.DisableTelemetryEvents();
        return environment;
    }

    private static bool ShareArena()
    {
        const int inPowersOfTwo = 0; // it grows so; exact sizes fit the next network's values less often
        const int asTheRuntimeDoes = -1;
        try
        {
            using var memory = new OrtMemoryInfo(
                OrtMemoryInfo.allocatorCPU,
                OrtAllocatorType.ArenaAllocator,
                0,
                OrtMemType.Default
            );
            using var arena = new OrtArenaCfg(0, inPowersOfTwo, asTheRuntimeDoes, asTheRuntimeDoes);
            Shared.Value.CreateAndRegisterAllocator(memory, arena);
            return true;
        }
        catch (OnnxRuntimeException)
        {
            return false; // the host of this library shares one of its own: each session has its own then
        }
    }

    private static bool SwitchCollectorOff()
    {
        const string off = "1";
        if (OperatingSystem.IsWindows())
        {
            Environment.SetEnvironmentVariable(TelemetrySwitch, off);
        }
        else
        {
            // .NET keeps variables of its own: what it sets, native code does not see.
            _ = SetEnvironmentVariable(TelemetrySwitch, off, overwrite: 1);
        }

        return true;
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SetEnvironmentVariable(string name, string value, int overwrite);
}
