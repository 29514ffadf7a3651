namespace DiffBir.Engine;

/// <summary>How many threads compute fastest.</summary>
/// <remarks>
/// ONNX Runtime counts cores itself, but on processors that it does not know, as virtual machines often have, it takes half of
/// them (docs/adr/0007-inference-speed.md).
/// </remarks>
internal static class Processors
{
    private const string Topology = "/sys/devices/system/cpu";

    /// <summary>One for each core this process may use; 0 where the runtime counts well itself.</summary>
    public static int Threads { get; } = OperatingSystem.IsLinux() ? ThreadsOf(Topology, Environment.ProcessorCount) : 0;

    /// <summary>One for each core.</summary>
    /// <param name="folder">What the kernel tells of processors: a folder for each, with the list of those that share its core.</param>
    /// <param name="allowed">How many processors this process may use.</param>
    public static int ThreadsOf(string folder, int allowed)
    {
        var cores = Directory.Exists(folder)
            ? Directory
                .EnumerateDirectories(folder, "cpu*")
                .Select(processor => Path.Combine(processor, "topology", "thread_siblings_list"))
                .Where(File.Exists)
                .Select(File.ReadAllText)
                .Distinct(StringComparer.Ordinal)
                .Count()
            : 0;
        return cores > 0 ? Math.Min(cores, allowed) : allowed;
    }
}
