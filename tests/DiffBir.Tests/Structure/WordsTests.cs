using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using DiffBir.Tests.Support;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace DiffBir.Tests.Structure;

/// <summary>Names are the field's, and each idea has one; the spelling is American.</summary>
public sealed partial class WordsTests
{
    private static readonly string[] Code = ["src", "tests", "bench", "tools", "examples"];

    /// <summary>This file names what is not to be named.</summary>
    private const string ThisFile = "WordsTests.cs";

    // Words of this house that the field has others for (docs/glossary.md); in names and comments, in any case, with any ending.
    private static readonly string[] InventedWords =
    [
        "Knob",
        "EdmLadder",
        "EdmWalk",
        "PixelSquares",
        "PixelAttention",
        "Figure",
        "CosineStart",
        "PatchWave",
        "Shelf",
        "MiddleImage",
        "WaitingRoom",
        "DeepPart",
        "LocalNetwork",
        "GroupMoments",
        "FixedNorms",
        "Judge",
        "Judgement",
        "WeightAverage",
        "Pulse",
        "SeededRandom",
    ];

    private static readonly string[][] InventedHumps = [.. InventedWords.Select(Humps)];
    private static readonly ConcurrentDictionary<string, bool> IsInvented = [];

    // Limits are Max and Min.
    private static readonly string[] LimitWords = ["Most", "Longest", "Largest", "Smallest", "Least"];

    // What refuses is called Validate.
    private static readonly string[] VerbWords =
    [
        "Require",
        "Holds",
        "Check",
        "Problems",
        "Guard",
        "CommandErrors",
        "Examine",
        "Ensure",
    ];

    // The field's or the framework's: PyTorch's requires_grad; a library that is loaded; what the user calls the longer side.
    private static readonly string[] Others = ["RequireGradients", "EnsureReady", "LongestSide"];

    [Fact]
    public void Words_that_the_field_has_others_for_do_not_come_back() => Found(Invented).ShouldBeEmpty();

    [Fact]
    public void Limits_are_called_Max_and_Min() => Found(Limits).ShouldBeEmpty();

    [Fact]
    public void What_refuses_is_called_Validate() => Found(Verbs, ["src", "bench", "tools", "examples"]).ShouldBeEmpty();

    [Fact]
    public void The_spelling_is_American() =>
        Code.SelectMany(Sources.Below)
            .Where(file => Path.GetFileName(file) != ThisFile)
            .Concat(Documents.All.Select(document => Path.Combine(WorkingCopy.Folder, document)))
            .SelectMany(file => British(File.ReadAllText(file)).Select(word => $"{Sources.Relative(file)}: {word}"))
            .ShouldBeEmpty();

    [Fact]
    public void Each_rule_finds_what_it_is_for()
    {
        Invented(Tree("class C { int _deepPart; }")).ShouldHaveSingleItem();
        Invented(Tree("/// <summary>A shelf of models.</summary>\nclass C;")).ShouldHaveSingleItem();
        Invented(Tree("class C { string s = \"knob\"; int Configure() => 1; }")).ShouldBeEmpty();
        Limits(Tree("class C { const int LongestName = 1; void M(int leastSide) { var largest = 1; } }")).Count().ShouldBe(2);
        Verbs(Tree("class C { void RequireThat() { void CheckThis() { } } }")).Count().ShouldBe(2);
        Verbs(Tree("class C { void Checkpoint() { } }")).ShouldBeEmpty();
        British("A grey colour, initialised in the centre").Count().ShouldBe(4);
    }

    private static IEnumerable<string> Found(Func<SyntaxNode, IEnumerable<string>> rule) => Found(rule, Code);

    private static IEnumerable<string> Found(Func<SyntaxNode, IEnumerable<string>> rule, string[] folders) =>
        from file in folders.SelectMany(Sources.CSharpBelow)
        where Path.GetFileName(file) != ThisFile
        from word in rule(Sources.Tree(file))
        select $"{Sources.Relative(file)}: {word}";

    private static SyntaxNode Tree(string code) => CSharpSyntaxTree.ParseText(code).GetRoot();

    private static IEnumerable<string> Invented(SyntaxNode root)
    {
        var names = root.DescendantTokens().Where(token => token.IsKind(SyntaxKind.IdentifierToken)).Select(token => token.Text);
        var comments = root.DescendantTrivia().Select(trivia => trivia.ToFullString()).Where(text => text.Contains('/'));
        return names
            .Concat(comments.SelectMany(comment => Word().Matches(comment).Select(match => match.Value)))
            .Distinct()
            .Where(name => IsInvented.GetOrAdd(name, static name => InventedHumps.Any(word => Contains(Humps(name), word))));
    }

    private static IEnumerable<string> Limits(SyntaxNode root) =>
        Declared(root).Where(name => Begins(name, LimitWords)).Distinct();

    private static IEnumerable<string> Verbs(SyntaxNode root) =>
        root.DescendantNodes()
            .Select(node =>
                node switch
                {
                    MethodDeclarationSyntax method => method.Identifier.Text,
                    LocalFunctionStatementSyntax method => method.Identifier.Text,
                    TypeDeclarationSyntax type => type.Identifier.Text,
                    _ => "",
                }
            )
            .Where(name => Begins(name, VerbWords));

    // What is found to be the largest is no limit: names of locals are free.
    private static IEnumerable<string> Declared(SyntaxNode root) =>
        root.DescendantNodes()
            .SelectMany(node =>
                node switch
                {
                    FieldDeclarationSyntax field => field.Declaration.Variables.Select(variable => variable.Identifier.Text),
                    PropertyDeclarationSyntax property => [property.Identifier.Text],
                    ParameterSyntax parameter => [parameter.Identifier.Text],
                    _ => Enumerable.Empty<string>(),
                }
            );

    private static bool Begins(string name, string[] words) =>
        !Others.Contains(name, StringComparer.OrdinalIgnoreCase)
        && Humps(name) is [var first, ..]
        && words.Contains(first, StringComparer.OrdinalIgnoreCase);

    // A hump may be a plural: Knobs.
    private static bool Contains(string[] humps, string[] word) =>
        Enumerable
            .Range(0, Math.Max(0, humps.Length - word.Length + 1))
            .Any(start => word.Index().All(hump => IsForm(humps[start + hump.Index], hump.Item)));

    private static bool IsForm(string hump, string word) =>
        hump.Equals(word, StringComparison.OrdinalIgnoreCase) || hump.Equals($"{word}s", StringComparison.OrdinalIgnoreCase);

    private static string[] Humps(string name) => [.. Hump().Matches(name).Select(match => match.Value)];

    private static IEnumerable<string> British(string text) => BritishWord().Matches(text).Select(match => match.Value);

    [GeneratedRegex("[A-Z]?[a-z]+|[A-Z]+(?![a-z])", RegexOptions.None, 10_000)]
    private static partial Regex Hump();

    [GeneratedRegex("[A-Za-z]+", RegexOptions.None, 10_000)]
    private static partial Regex Word();

    // Not aria-labelledby, not NetVips' Colourspace and Grey16, not the old name that the changelog has in back quotes.
    [GeneratedRegex(
        """
            colour(?!space\()|\bgrey(?!16\b)|centre|behaviour|licence|favour|neighbour|honour|labelled(?!by)|modelling|travell|artefact|catalogue\b
            |(initial|normal|optim|synchron|recogn|organ|serial|quant|minim|maxim|summar|util|visual|real|emphas|general|special|stabil|regular)is(e[ds]?|ing|ation)\b(?!`\))
            |analys(e[ds]?|ing)\b|practis|judgement\b|whilst|amongst|learnt\b|programme\b|defence|\bmetres?\b
            """,
        RegexOptions.IgnoreCase | RegexOptions.IgnorePatternWhitespace | RegexOptions.ExplicitCapture,
        10_000
    )]
    private static partial Regex BritishWord();
}
