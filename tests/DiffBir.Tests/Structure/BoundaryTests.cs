using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using DiffBir.Cli;
using DiffBir.Restoration;
using DiffBir.Tests.Support;

namespace DiffBir.Tests.Structure;

/// <summary>The rules of the house: who may know whom.</summary>
public sealed class BoundaryTests
{
    private static readonly Assembly Library = typeof(Restorer).Assembly;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>A folder of the library, what its code must not name, and which files may.</summary>
    public static TheoryData<string, string, string[]> Boundaries =>
        new()
        {
            // Each could use what the floors let it use, and shall not.
            // Samplers know no pixel; a latent lies in planes as an image does.
            { "Sampling", @"\b(Engine|Graphs|Checkpoints|Networks|Imaging)\b", ["Latent.cs", "LatentStore.cs"] },
            { "Networks", @"\b(Tiling|Degradation|Metrics)\b", [] },
            { "Conditioning", @"\b(Sampling|Tiling|Imaging)\b", [] },
            { "Autoencoding", @"\b(NoiseSchedule|NoiseLevel|Sampler|SamplingRun)\b", [] },
            { "Checkpoints", @"\b(Imaging)\b", [] },
            // Only the composition knows which stages there are, and none knows another.
            { "", @"\bnew \w+Stage\(", ["Pipeline.cs"] },
            { "", @"\bnew ClassifierFreeGuidance\(", ["GuidedDenoiser.cs"] },
            // A run validates its options once, before anything else.
            { "", @"\bOptionCatalog\.Validate\(", ["RestorationRequest.cs"] },
            { "", @"\bnew ImageNetwork\(", ["RestorationNetworks.cs"] },
            { "", @"using DiffBir\.(Training|Server|Cli)\b", [] },
        };

    [Theory]
    [MemberData(nameof(Boundaries))]
    public void Each_part_knows_only_what_it_may(string folder, string forbidden, string[] except)
    {
        var files = Sources(folder).ToList();

        files.ShouldNotBeEmpty();
        files
            .Where(file => !except.Contains(Path.GetFileName(file)))
            .SelectMany(file => Code(file).Select(line => $"{Path.GetFileName(file)}: {line}"))
            .Where(line => Regex.IsMatch(line, forbidden, RegexOptions.None, Patience))
            .ShouldBeEmpty();
    }

    [Fact]
    public void The_library_is_silent_and_stands_alone() =>
        Library
            .GetReferencedAssemblies()
            .Select(assembly => assembly.Name!)
            .Where(name =>
                name == "System.Console"
                || name.StartsWith("Spectre", StringComparison.Ordinal)
                || name.StartsWith("System.CommandLine", StringComparison.Ordinal)
                || name.StartsWith("TorchSharp", StringComparison.Ordinal)
                || name.StartsWith("Microsoft.AspNetCore", StringComparison.Ordinal)
                || name.StartsWith("DiffBir.", StringComparison.Ordinal)
            )
            .ShouldBeEmpty();

    [Fact]
    public void Who_only_restores_needs_no_libtorch() =>
        typeof(DiffBirCommand)
            .Assembly.GetReferencedAssemblies()
            .Select(assembly => assembly.Name)
            .ShouldNotContain(name => name == "TorchSharp" || name == "DiffBir.Training");

    [Fact]
    public void The_library_reads_no_environment_variable() =>
        Sources("")
            .SelectMany(Code)
            .Where(line => line.Contains("GetEnvironmentVariable", StringComparison.Ordinal))
            .ShouldBeEmpty();

    [Fact]
    public void Nothing_static_can_change() =>
        Library
            .GetTypes()
            .Where(type => !IsGenerated(type))
            .SelectMany(type =>
                type.GetFields(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
            )
            .Where(field => !field.IsInitOnly && !field.IsLiteral)
            .Where(field => field.GetCustomAttribute<CompilerGeneratedAttribute>() is null)
            .Select(field => $"{field.DeclaringType!.Name}.{field.Name}")
            .ShouldBeEmpty();

    private static IEnumerable<string> Sources(string folder) =>
        Directory
            .EnumerateFiles(Path.Combine(Parity.WorkingCopy, "src", "DiffBir", folder), "*.cs", SearchOption.AllDirectories)
            .Where(file =>
                !Path.GetRelativePath(Parity.WorkingCopy, file)
                    .Split(Path.DirectorySeparatorChar)
                    .Any(part => part is "obj" or "bin")
            );

    /// <summary>A file's lines without its own namespace and without comments.</summary>
    private static IEnumerable<string> Code(string file) =>
        File.ReadLines(file)
            .Where(line => !line.StartsWith("namespace ", StringComparison.Ordinal))
            .Select(line => line.Split("//")[0]);

    // Closures, iterators and the ONNX messages that protoc writes.
    private static bool IsGenerated(Type type) =>
        type.GetCustomAttribute<CompilerGeneratedAttribute>() is not null
        || type.Namespace == "DiffBir.Engine.Onnx"
        || (type.DeclaringType is { } outer && IsGenerated(outer));
}
