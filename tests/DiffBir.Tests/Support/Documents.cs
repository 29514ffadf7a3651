using System.Text.RegularExpressions;

namespace DiffBir.Tests.Support;

/// <summary>The documents of the repository, as their readers see them.</summary>
internal static partial class Documents
{
    private static readonly string[] Places = ["", "docs", "docs/adr", "examples", "samples", "tools/photos", "models/mini"];

    /// <summary>The paths of all documents, relative to the working copy.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        .. Places
            .SelectMany(place => Directory.EnumerateFiles(Path.Combine(WorkingCopy.Folder, place), "*.md"))
            .Select(file => Path.GetRelativePath(WorkingCopy.Folder, file).Replace(Path.DirectorySeparatorChar, '/'))
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>The text of a document.</summary>
    public static string Text(string document) => File.ReadAllText(Path.Combine(WorkingCopy.Folder, document));

    /// <summary>What stands between single back quotes.</summary>
    public static IEnumerable<string> Spans(string text) =>
        Span().Matches(Block().Replace(text, "")).Select(match => match.Groups["text"].Value);

    /// <summary>The blocks of code in a language; an empty one is that of blocks which name none.</summary>
    public static IEnumerable<string> Blocks(string text, string language) =>
        Block()
            .Matches(text)
            .Where(match => match.Groups["language"].Value == language)
            .Select(match => match.Groups["code"].Value);

    /// <summary>The arguments of every command line in a document's blocks that begins in one of some ways.</summary>
    /// <param name="text">The document.</param>
    /// <param name="beginnings">How such a line begins, up to its arguments.</param>
    public static IEnumerable<string[]> CommandLines(string text, params string[] beginnings) =>
        from block in Blocks(text, "sh").Concat(Blocks(text, ""))
        from line in block.Split('\n')
        let command = Assignment().Replace(line, "")
        let beginning = Array.Find(beginnings, beginning => command.StartsWith(beginning, StringComparison.Ordinal))
        where beginning is not null
        select Arguments(command[beginning.Length..]);

    private static string[] Arguments(string text) =>
        [.. Argument().Matches(Comment().Replace(text, "")).Select(match => match.Value.Trim('"'))];

    [GeneratedRegex(@"^```(?<language>\w*)\n(?<code>.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline, 10_000)]
    private static partial Regex Block();

    [GeneratedRegex("`(?<text>[^`\n]+)`", RegexOptions.None, 10_000)]
    private static partial Regex Span();

    [GeneratedRegex(@"^(\w+=\S+( -\w+ \d+\))? )+", RegexOptions.ExplicitCapture, 10_000)]
    private static partial Regex Assignment();

    [GeneratedRegex(@"\s#.*$", RegexOptions.None, 10_000)]
    private static partial Regex Comment();

    [GeneratedRegex("\"[^\"]*\"|\\S+", RegexOptions.None, 10_000)]
    private static partial Regex Argument();
}
