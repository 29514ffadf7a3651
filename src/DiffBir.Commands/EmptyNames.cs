using System.CommandLine;
using System.CommandLine.Parsing;

namespace DiffBir.Commands;

/// <summary>Empty names, as the unset variable of a script gives them: some functions take an empty path for the current folder, others throw.</summary>
internal static class EmptyNames
{
    /// <summary>Throws where an argument or an option that names something has an empty text.</summary>
    /// <exception cref="UsageException">It has.</exception>
    public static void Validate(ParseResult parsed)
    {
        foreach (var result in parsed.CommandResult.Children)
        {
            var name = result switch
            {
                ArgumentResult { Argument: var argument } when IsName(argument) => argument.Name,
                OptionResult { Option: var option } when IsName(option) => option.Name,
                _ => null,
            };
            if (name is not null && result.Tokens.Any(token => IsEmpty(token.Value)))
            {
                throw new UsageException($"{name} is empty. Give it a value, or leave it out.");
            }
        }
    }

    private static bool IsEmpty(string text) => string.IsNullOrWhiteSpace(text) && !Path.Exists(text);

    private static bool IsName(Argument argument) =>
        argument.ValueType == typeof(string) || argument.ValueType == typeof(string[]);

    /// <summary>Options with a form of their own say themselves what they expect, and a prompt may be empty.</summary>
    private static bool IsName(Option option) =>
        option is Option<string?> { CustomParser: null } or Option<string[]> { CustomParser: null };
}
