using System.Reflection;
using DiffBir.Tests.Structure;

namespace DiffBir.Server.Tests.Structure;

public sealed class ArchitectureTests
{
    [Fact]
    public void The_library_knows_nothing_of_web_servers() =>
        Referenced(typeof(Restorer).Assembly)
            .ShouldNotContain(name =>
                name.StartsWith("Microsoft.AspNetCore", StringComparison.Ordinal)
                || name.StartsWith("Microsoft.Extensions.Hosting", StringComparison.Ordinal)
                || name.StartsWith("OpenTelemetry", StringComparison.Ordinal)
                || name.Contains("Sqlite")
            );

    [Fact]
    public void Each_folder_of_the_server_uses_only_those_below_it() =>
        typeof(RestorationServer).Assembly.ShouldUseOnlyWhatStandsBelow("DiffBir.Server");

    [Fact]
    public void The_server_knows_nothing_of_training_or_of_command_lines() =>
        Referenced(typeof(RestorationServer).Assembly)
            .ShouldNotContain(name =>
                name.Contains("Training")
                || name.Contains("Torch")
                || name.Contains("DiffBir.Cli")
                || name.Contains("CommandLine")
            );

    private static string[] Referenced(Assembly assembly) => [.. assembly.GetReferencedAssemblies().Select(name => name.Name!)];
}
