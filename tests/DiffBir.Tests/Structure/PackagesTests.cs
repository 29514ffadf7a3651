using System.Diagnostics;
using System.Text.Json;
using System.Xml.Linq;
using DiffBir.Tests.Support;

namespace DiffBir.Tests.Structure;

/// <summary>What becomes a package says what it is.</summary>
public sealed class PackagesTests
{
    private const string Runtime = "Microsoft.ML.OnnxRuntime";
    private const string LinuxRuntime = "Microsoft.ML.OnnxRuntime.Gpu.Linux";
    private const string WindowsRuntime = "Microsoft.ML.OnnxRuntime.Gpu.Windows";

    private static readonly string[] Own = ["Title", "Description"];

    private static readonly string[] Shared =
    [
        "Authors",
        "Version",
        "PackageLicenseExpression",
        "PackageReadmeFile",
        "PackageIcon",
        "PackageTags",
        "RepositoryType",
    ];

    [Fact]
    public void Every_package_has_a_title_and_a_description_of_its_own_and_shares_the_rest()
    {
        var packages = Directory
            .EnumerateFiles(Path.Combine(WorkingCopy.Folder, "src"), "*.csproj", SearchOption.AllDirectories)
            .Where(project => Properties(project).GetValueOrDefault("IsPackable") != "false")
            .ToList();

        packages
            .Select(Path.GetFileNameWithoutExtension)
            .ShouldBe(["DiffBir", "DiffBir.Cli", "DiffBir.Server"], ignoreOrder: true);
        foreach (var project in packages)
        {
            Own.Except(Properties(project).Keys).ShouldBeEmpty(project);
        }

        Shared.Except(Properties(Path.Combine(WorkingCopy.Folder, "Directory.Build.props")).Keys).ShouldBeEmpty();
    }

    [Fact]
    public void Every_pinned_version_is_of_a_package_that_a_project_uses()
    {
        var used = Sources
            .Below("")
            .Where(file => !Sources.Relative(file).StartsWith("examples/", StringComparison.Ordinal)) // programs of others
            .Where(file =>
                file.EndsWith(".csproj", StringComparison.Ordinal)
                || file.EndsWith("Directory.Build.props", StringComparison.Ordinal)
            )
            .SelectMany(project => Included(project, "PackageReference"));

        Included(Path.Combine(WorkingCopy.Folder, "Directory.Packages.props"), "PackageVersion")
            .ShouldBe(used.Distinct(), ignoreOrder: true);
    }

    [Theory]
    [InlineData("src/DiffBir/DiffBir.csproj", "DiffBir.Cuda")]
    [InlineData("src/DiffBir.Cli/DiffBir.Cli.csproj", "DiffBir.Tool.Cuda")]
    public void A_build_for_NVIDIA_GPUs_has_another_runtime_and_packages_of_their_own(string project, string package)
    {
        var (plain, cuda) = (Evaluate(project), Evaluate(project, "-p:Gpu=cuda"));

        cuda.Package.ShouldBe(package);
        if (package == "DiffBir.Cuda")
        {
            plain.References.Except(cuda.References).ShouldBe([Runtime]);
            cuda.References.Except(plain.References).ShouldBe([OperatingSystem.IsWindows() ? WindowsRuntime : LinuxRuntime]);
        }
        else
        {
            cuda.References.ShouldBe(plain.References, ignoreOrder: true);
        }
    }

    [Theory]
    [InlineData("-p:RuntimeIdentifier=linux-x64", LinuxRuntime)]
    [InlineData("-p:RuntimeIdentifier=win-x64", WindowsRuntime)]
    [InlineData("-p:_IsPacking=true", LinuxRuntime, WindowsRuntime)]
    public void The_runtime_for_GPUs_is_that_of_the_system_that_is_built_for_and_a_package_has_those_of_both(
        string option,
        params string[] runtimes
    ) =>
        Evaluate("src/DiffBir/DiffBir.csproj", "-p:Gpu=cuda", option)
            .References.Where(reference => reference.StartsWith(Runtime, StringComparison.Ordinal))
            .ShouldBe(runtimes);

    [Theory]
    [InlineData(
        "There is no build for the GPU 'rocm' (-p:Gpu, or GPU in the environment). Use cuda, or leave it out for processors.",
        "-p:Gpu=rocm"
    )]
    [InlineData("There is no CUDA for osx-arm64.", "-p:Gpu=cuda", "-p:RuntimeIdentifier=osx-arm64")]
    public void What_no_GPU_can_be_built_for_is_refused_in_one_sentence(string sentence, params string[] options)
    {
        var build = DotNet(["msbuild", "src/DiffBir/DiffBir.csproj", "-t:CollectPackageReferences", .. options]);

        build.ExitCode.ShouldBe(1);
        build.Output.ShouldContain(sentence);
    }

    private static (string Package, IReadOnlyList<string> References) Evaluate(string project, params string[] options)
    {
        var run = DotNet(["msbuild", project, "-getProperty:PackageId", "-getItem:PackageReference", .. options]);
        run.ExitCode.ShouldBe(0, run.Output);
        using var result = JsonDocument.Parse(run.Output);
        return (
            result.RootElement.GetProperty("Properties").GetProperty("PackageId").GetString()!,
            [
                .. result
                    .RootElement.GetProperty("Items")
                    .GetProperty("PackageReference")
                    .EnumerateArray()
                    .Select(reference => reference.GetProperty("Identity").GetString()!),
            ]
        );
    }

    private static (int ExitCode, string Output) DotNet(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", arguments)
        {
            WorkingDirectory = WorkingCopy.Folder,
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output);
    }

    private static Dictionary<string, string> Properties(string project) =>
        XDocument
            .Load(project)
            .Descendants("PropertyGroup")
            .Elements()
            .ToDictionary(element => element.Name.LocalName, element => element.Value);

    private static IEnumerable<string> Included(string project, string item) =>
        XDocument.Load(project).Descendants(item).Select(element => (string)element.Attribute("Include")!);
}
