using System.Reflection;

namespace DiffBir.Cli.Clusters;

/// <summary>What all machines of a cluster must share.</summary>
internal static class ClusterVersion
{
    /// <summary>The program's version, with the commit where the build knows it.</summary>
    public static string Current { get; } =
        typeof(Restorer).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;
}
