using System.Reflection;
using DiffBir.Tests.Support;

namespace DiffBir.Tests.Structure;

/// <summary>The floors of a project: its folders from the top down; each uses only those below it, so that there is no circle.</summary>
/// <remarks>Subfolders belong to their folder's floor. The approved list lies beside the tests as <c>Floors/{assembly}.txt</c>.</remarks>
internal static class Floors
{
    /// <summary>How a list calls the files that lie directly in the project's folder.</summary>
    private const string Top = ".";

    /// <summary>Throws with both types' names where a folder uses one that stands above it.</summary>
    /// <param name="assembly">The project's assembly.</param>
    /// <param name="project">The project's folder below <c>src</c>, which is its root namespace.</param>
    public static void ShouldUseOnlyWhatStandsBelow(this Assembly assembly, string project)
    {
        var floors = Approved(assembly);
        var uses = Uses(assembly, project);

        uses.SelectMany(use => new[] { use.From, use.To })
            .Distinct()
            .Order()
            .ShouldBe(floors.Order(), "The list has other folders");
        Upwards(uses, floors).ShouldBeEmpty();
        UsingsUpwards(project, floors).ShouldBeEmpty();
    }

    /// <summary>A project's floors from the top down, as approved.</summary>
    public static IReadOnlyList<string> Approved(Assembly assembly)
    {
        var folder = Path.Combine(WorkingCopy.Folder, "tests", "DiffBir.Tests", "Structure", "Floors");
        return File.ReadAllLines(Path.Combine(folder, $"{assembly.GetName().Name}.txt"));
    }

    /// <summary>The uses of types that lie in other folders.</summary>
    public static IReadOnlyList<FolderUse> Uses(Assembly assembly, string project) =>
        [
            .. TypeUses
                .Of(assembly.Location)
                .Select(use => new FolderUse(
                    use.User.ToString(),
                    use.Used.ToString(),
                    FolderOf(use.User.Namespace, project),
                    FolderOf(use.Used.Namespace, project)
                ))
                .Where(use => use.From != use.To),
        ];

    /// <summary>The uses that lead upwards, each in a sentence.</summary>
    public static IReadOnlyList<string> Upwards(IEnumerable<FolderUse> uses, IReadOnlyList<string> floors) =>
        [
            .. uses.Where(use => floors.ToList().IndexOf(use.From) > floors.ToList().IndexOf(use.To))
                .Select(use => $"{use.User} uses {use.Used}, but {use.To} stands above {use.From}")
                .Order(StringComparer.Ordinal),
        ];

    /// <summary>What compiled code does not tell, constants and names in comments, needs a using directive all the same.</summary>
    private static IReadOnlyList<string> UsingsUpwards(string project, IReadOnlyList<string> floors)
    {
        var source = Path.Combine(WorkingCopy.Folder, "src", project);
        var prefix = $"using {project}.";
        return Upwards(
            from folder in floors.Where(floor => floor != Top)
            from file in Directory.EnumerateFiles(Path.Combine(source, folder), "*.cs", SearchOption.AllDirectories)
            from line in File.ReadLines(file).TakeWhile(line => !line.StartsWith("namespace ", StringComparison.Ordinal))
            where line.StartsWith(prefix, StringComparison.Ordinal)
            let used = line["using ".Length..].TrimEnd(';')
            select new FolderUse(Path.GetRelativePath(source, file), used, folder, FolderOf(used, project)),
            floors
        );
    }

    private static string FolderOf(string name, string project) =>
        name == project ? Top : name[(project.Length + 1)..].Split('.')[0];
}

/// <summary>A use of a type that lies in another folder.</summary>
/// <param name="User">Who uses it.</param>
/// <param name="Used">What is used.</param>
/// <param name="From">The user's folder.</param>
/// <param name="To">The folder of what is used.</param>
internal sealed record FolderUse(string User, string Used, string From, string To);
