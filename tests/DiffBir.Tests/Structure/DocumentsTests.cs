using System.Text.RegularExpressions;
using DiffBir.Tests.Support;

namespace DiffBir.Tests.Structure;

/// <summary>What documents name is there.</summary>
public sealed partial class DocumentsTests
{
    private const string Recipes = "CONTRIBUTING.md";

    /// <summary>What was called otherwise when it was written stays as it was.</summary>
    private const string History = "CHANGELOG.md";

    private static readonly string[] Code = ["src", "tests", "bench", "tools", "examples"];

    private static readonly Lazy<HashSet<string>> Words = new(() =>
        [
            .. Code.SelectMany(Sources.Below)
                .SelectMany(file => Word().Matches(File.ReadAllText(file)).Select(match => match.Value)),
        ]
    );

    private static readonly Lazy<HashSet<string>> Folders = new(() =>
        [
            .. Projects()
                .Prepend("examples")
                .Prepend("")
                .SelectMany(place => Directory.EnumerateDirectories(Path.Combine(WorkingCopy.Folder, place)))
                .Select(folder => Path.GetFileName(folder)),
        ]
    );

    public static TheoryData<string> All => [.. Documents.All];

    public static TheoryData<string> Current => [.. Documents.All.Where(document => document != History)];

    [Theory]
    [MemberData(nameof(All))]
    public void Every_link_leads_somewhere(string document)
    {
        var folder = Path.GetDirectoryName(Path.Combine(WorkingCopy.Folder, document))!;

        Link()
            .Matches(Documents.Text(document))
            .Select(match => match.Groups["target"].Value)
            .Where(target => !target.Contains("://", StringComparison.Ordinal))
            .Where(target => !Path.Exists(Path.Combine(folder, target.Split('#')[0])))
            .ShouldBeEmpty();
    }

    [Theory]
    [MemberData(nameof(Current))]
    public void Every_file_folder_and_name_in_a_document_exists(string document) =>
        Documents.Spans(Documents.Text(document)).Where(IsName).Where(name => !Exists(document, name)).ShouldBeEmpty();

    [Fact]
    public void Every_quirk_that_code_refers_to_is_described()
    {
        var headings = Heading()
            .Matches(Documents.Text("docs/quirks.md"))
            .Select(match => Anchor(match.Groups["text"].Value))
            .ToHashSet();

        headings.ShouldNotBeEmpty();
        Code.SelectMany(Sources.Below)
            .SelectMany(file => Quirk().Matches(File.ReadAllText(file)).Select(match => match.Groups["anchor"].Value))
            .Where(anchor => !headings.Contains(anchor))
            .ShouldBeEmpty();
    }

    [Fact]
    public void Each_of_the_six_recipes_names_only_files_that_exist_or_are_yours()
    {
        var recipes = Documents.Text(Recipes).Split("## Six recipes")[1].Split("\n### ")[1..];

        recipes.Length.ShouldBe(6);
        foreach (var recipe in recipes)
        {
            var files = Documents.Spans(recipe).Where(span => span.Contains('/') && Path.HasExtension(span)).ToList();
            files.ShouldNotBeEmpty();
            files.Where(file => !IsNew(file) && !File.Exists(Path.Combine(WorkingCopy.Folder, file))).ShouldBeEmpty();
        }
    }

    private static bool IsNew(string file) => Path.GetFileName(file).StartsWith("your", StringComparison.OrdinalIgnoreCase);

    /// <summary>Paths below the folders of this repository, and names as C# has them.</summary>
    private static bool IsName(string span) =>
        !IsNew(span)
        && (
            span.Contains('/')
                ? PathOfFile().IsMatch(span) && Folders.Value.Contains(span.Split('/')[0])
                : Identifier().IsMatch(span)
        );

    private static bool Exists(string document, string name)
    {
        if (!name.Contains('/'))
        {
            return name.Split('.').All(Words.Value.Contains);
        }

        var folder = Path.GetDirectoryName(document)!;
        return Projects().Prepend(folder).Prepend("").Any(place => ExistsBelow(Path.Combine(WorkingCopy.Folder, place), name));
    }

    private static IEnumerable<string> Projects() =>
        Directory
            .EnumerateDirectories(Path.Combine(WorkingCopy.Folder, "src"))
            .Select(folder => Path.GetRelativePath(WorkingCopy.Folder, folder));

    // Imaging/Photo, Imaging/Photo.cs, Imaging/Photo.WithPixels
    private static bool ExistsBelow(string place, string name)
    {
        var path = Path.Combine(place, name);
        if (Path.Exists(path) || File.Exists($"{path}.cs"))
        {
            return true;
        }

        var (type, member) = (Path.ChangeExtension(path, ".cs"), Path.GetExtension(path).TrimStart('.'));
        return member != "" && File.Exists(type) && Word().Matches(File.ReadAllText(type)).Any(match => match.Value == member);
    }

    private static string Anchor(string heading) => NoWord().Replace(heading.Trim().ToLowerInvariant(), "").Replace(' ', '-');

    [GeneratedRegex(@"\]\((?<target>[^)\s#][^)\s]*)\)", RegexOptions.None, 10_000)]
    private static partial Regex Link();

    [GeneratedRegex(@"^#+ (?<text>.+)$", RegexOptions.Multiline, 10_000)]
    private static partial Regex Heading();

    [GeneratedRegex(@"quirks\.md#(?<anchor>[\w-]+)", RegexOptions.None, 10_000)]
    private static partial Regex Quirk();

    [GeneratedRegex(@"[^\w -]", RegexOptions.None, 10_000)]
    private static partial Regex NoWord();

    [GeneratedRegex(@"\w+", RegexOptions.None, 10_000)]
    private static partial Regex Word();

    [GeneratedRegex(@"^\w+/[\w./-]*$", RegexOptions.None, 10_000)]
    private static partial Regex PathOfFile();

    [GeneratedRegex(@"^[A-Z][a-z]\w+(\.[A-Za-z]\w+)*$", RegexOptions.ExplicitCapture, 10_000)]
    private static partial Regex Identifier();
}
