using System.Xml.Linq;
using DiffBir.Tests.Support;

namespace DiffBir.Tests.Structure;

/// <summary>What becomes a package says what it is.</summary>
public sealed class PackagesTests
{
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

    private static Dictionary<string, string> Properties(string project) =>
        XDocument
            .Load(project)
            .Descendants("PropertyGroup")
            .Elements()
            .ToDictionary(element => element.Name.LocalName, element => element.Value);

    private static IEnumerable<string> Included(string project, string item) =>
        XDocument.Load(project).Descendants(item).Select(element => (string)element.Attribute("Include")!);
}
