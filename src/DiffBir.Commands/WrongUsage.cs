using System.CommandLine;
using System.CommandLine.Parsing;

namespace DiffBir.Commands;

/// <summary>What is said of a command line that cannot be understood: what is wrong with it, then what may have been meant, then where help is.</summary>
internal static class WrongUsage
{
    /// <summary>How many letters may differ: one of three.</summary>
    private const int LettersForEachMistake = 3;

    private const int MaxSuggestions = 3;

    /// <summary>Writes it.</summary>
    public static void Write(ParseResult parsed, TextWriter error)
    {
        foreach (var message in parsed.Errors.Select(problem => problem.Message).Distinct())
        {
            error.WriteLine(message);
        }

        foreach (var word in Unknown(parsed).Distinct())
        {
            if (Meant(word, parsed.CommandResult) is { Count: > 0 } meant)
            {
                error.WriteLine($"Did you mean {string.Join(" or ", meant)} instead of {word}?");
            }
        }

        error.WriteLine($"See: {Path(parsed.CommandResult)} --help");
    }

    /// <summary>The names near a word, the nearest first; none where it looks like none.</summary>
    internal static IReadOnlyList<string> Near(string word, IEnumerable<string> names)
    {
        var near =
            from name in names
            let distance = Distance(word, name)
            where distance <= Math.Max(1, Math.Min(word.Length, name.Length) / LettersForEachMistake)
            orderby distance
            select (name, distance);
        var found = near.ToList();
        return [.. found.Where(other => other.distance == found[0].distance).Select(other => other.name).Take(MaxSuggestions)];
    }

    /// <summary>Words that nothing is called: those that no argument takes, and what looks like an option among those that one does.</summary>
    private static IEnumerable<string> Unknown(ParseResult parsed)
    {
        var taken = parsed
            .CommandResult.Children.OfType<ArgumentResult>()
            .SelectMany(argument => argument.Tokens)
            .Select(token => token.Value)
            .Where(text => text is ['-', _, ..] && !System.IO.Path.Exists(text));
        return parsed.UnmatchedTokens.Concat(taken).Select(word => word.Split('=')[0]);
    }

    private static IReadOnlyList<string> Meant(string word, CommandResult command)
    {
        IEnumerable<Symbol> symbols = word.StartsWith('-') ? Options(command) : command.Command.Subcommands;
        return Near(word, symbols.Where(symbol => !symbol.Hidden).SelectMany(Names));
    }

    private static IEnumerable<Option> Options(CommandResult command) =>
        command.Parent is CommandResult parent
            ? command.Command.Options.Concat(Options(parent).Where(option => option.Recursive))
            : command.Command.Options;

    private static IEnumerable<string> Names(Symbol symbol) =>
        symbol is Option option ? option.Aliases.Prepend(option.Name).Where(name => name.StartsWith('-')) : [symbol.Name];

    private static string Path(CommandResult command) =>
        command.Parent is CommandResult parent ? $"{Path(parent)} {command.Command.Name}" : command.Command.Name;

    /// <summary>How many letters have to be put in, left out, replaced or swapped with their neighbor to make one word of another.</summary>
    private static int Distance(string a, string b)
    {
        var rows = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++)
        {
            for (var j = 0; j <= b.Length; j++)
            {
                rows[i, j] =
                    i == 0 ? j
                    : j == 0 ? i
                    : Math.Min(Math.Min(rows[i - 1, j], rows[i, j - 1]) + 1, rows[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1));
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                {
                    rows[i, j] = Math.Min(rows[i, j], rows[i - 2, j - 2] + 1);
                }
            }
        }

        return rows[a.Length, b.Length];
    }
}
