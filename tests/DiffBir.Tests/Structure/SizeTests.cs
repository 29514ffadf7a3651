using DiffBir.Tests.Support;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace DiffBir.Tests.Structure;

/// <summary>What a reader has to take in at once is small.</summary>
public sealed class SizeTests
{
    private const int MaxLines = 400;
    private const int MaxLinesOfTheDoor = 120;
    private const int MaxParameters = 5;

    private static readonly string[] Code = ["src", "tests", "bench", "tools", "examples"];
    private static readonly string[] Kinds = [".cs", ".js", ".css", ".html", ".sh"];

    [Fact]
    public void No_file_is_longer_than_400_lines() =>
        Code.SelectMany(Sources.Below)
            .Where(file => Kinds.Contains(Path.GetExtension(file)))
            .Select(file => (File: Sources.Relative(file), Lines: File.ReadLines(file).Count()))
            .Where(file => file.Lines > MaxLines)
            .ShouldBeEmpty();

    [Fact]
    public void The_door_has_at_most_120_lines() =>
        File.ReadLines(Path.Combine(WorkingCopy.Folder, "src", "DiffBir", "Restorer.cs"))
            .Count()
            .ShouldBeLessThanOrEqualTo(MaxLinesOfTheDoor);

    [Fact]
    public void No_method_has_more_than_five_parameters_but_what_makes_a_record_of_data() =>
        Code.SelectMany(Sources.CSharpBelow)
            .SelectMany(file => LongLists(Sources.Tree(file)).Select(list => $"{Sources.Relative(file)}: {list}"))
            .ShouldBeEmpty();

    [Fact]
    public void Six_parameters_are_found_wherever_they_stand()
    {
        const string six = "(int a, int b, int c, int d, int e, int f)";

        LongLists($"class C{six};").ShouldHaveSingleItem();
        LongLists($"class C {{ C{six} {{ }} void M{six} {{ }} delegate void D{six}; }}").Count().ShouldBe(3);
        LongLists($"class C {{ void M() {{ void L{six} {{ }} }} }}").ShouldHaveSingleItem();
        LongLists($"record R{six};").ShouldBeEmpty();
        LongLists("class C { void M(int a, int b, int c, int d, int e) { } }").ShouldBeEmpty();
    }

    private static IEnumerable<string> LongLists(string code) => LongLists(CSharpSyntaxTree.ParseText(code).GetRoot());

    private static IEnumerable<string> LongLists(SyntaxNode root) =>
        root.DescendantNodes()
            .OfType<ParameterListSyntax>()
            .Where(list =>
                list.Parameters.Count > MaxParameters && list.Parent is not (RecordDeclarationSyntax or LambdaExpressionSyntax)
            )
            .Select(list =>
                $"{list.Parent!.ToString().Split('(')[0].Split('\n')[^1].Trim()}, {list.Parameters.Count} parameters"
            );
}
