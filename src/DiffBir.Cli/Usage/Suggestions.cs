using System.CommandLine;

namespace DiffBir.Cli.Usage;

/// <summary>Completes a command line for a shell, as System.CommandLine's own directive does: <c>diffbir [suggest] "diffbir restore --st"</c>.</summary>
internal static class Suggestions
{
    /// <summary>The word that a shell's script begins with.</summary>
    public const string Directive = "[suggest]";

    /// <summary>Whether the first word of a command line asks for it.</summary>
    public static bool IsAskedFor(string word) => word == Directive;

    /// <summary>Writes each word that may stand where a command line ends; nothing where that is a file's name, which shells know better.</summary>
    /// <param name="command">The program.</param>
    /// <param name="line">The command line as far as it is written, the program's name with its path before it.</param>
    /// <param name="output">Where the words go, one on a line.</param>
    public static void Write(Command command, string line, TextWriter output)
    {
        var named = line.TrimStart();
        var arguments = named.IndexOfAny([' ', '\t']);
        var whole = arguments < 0 ? command.Name : command.Name + named[arguments..];
        var word = whole[(whole.LastIndexOfAny([' ', '\t']) + 1)..];
        var words = DocumentedCommand
            .Parse(() => command.Parse(whole))
            .GetCompletions(whole.Length)
            .Select(completion => completion.InsertText ?? completion.Label)
            .Where(text => text.StartsWith(word, StringComparison.Ordinal))
            // All options are on offer everywhere, and hide the files.
            .Where(text => word.StartsWith('-') || text[0] is not ('-' or '/'))
            .Distinct();
        foreach (var text in words)
        {
            output.WriteLine(text);
        }
    }
}
