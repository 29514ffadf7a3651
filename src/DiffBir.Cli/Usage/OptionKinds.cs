using System.CommandLine;
using System.CommandLine.Parsing;
using System.Numerics;
using DiffBir.Options;

namespace DiffBir.Cli.Usage;

/// <summary>The kinds of options: what a value looks like, and what is said where it looks otherwise.</summary>
internal static class OptionKinds
{
    /// <summary>Files and folders. What looks like an option is none of them: a typing error must not pass as a photo that is missing.</summary>
    public static Argument<string[]> Inputs(string name, string description)
    {
        var argument = new Argument<string[]>(name) { Description = description, Arity = ArgumentArity.OneOrMore };
        argument.Validators.Add(result =>
        {
            foreach (var text in result.Tokens.Select(token => token.Value))
            {
                if (text is ['-', _, ..] && !Path.Exists(text))
                {
                    result.AddError($"There is no option {text}.");
                }
            }
        });
        return argument;
    }

    /// <summary>The file or the folder that a command writes.</summary>
    /// <param name="description">What the help says.</param>
    /// <param name="placeholder">What stands for its name there.</param>
    /// <param name="mayBeStream">Whether - is the standard output.</param>
    public static Option<string> Output(string description, string placeholder, bool mayBeStream = false)
    {
        var option = new Option<string>("--output", "-o")
        {
            Description = description,
            Required = true,
            HelpName = placeholder,
        };
        option.Validators.Add(result => ValidateTarget(result, mayBeStream));
        return option;
    }

    /// <summary>A file or a folder that a command writes as well; null where it is not given.</summary>
    public static Option<string?> Target(string name, string description, string placeholder)
    {
        var option = new Option<string?>(name) { Description = description, HelpName = placeholder };
        option.Validators.Add(result => ValidateTarget(result, mayBeStream: false));
        return option;
    }

    /// <summary>An option of a restoration.</summary>
    public static Option Of(RestorationOption option)
    {
        var name = $"--{option.Name}";
        var description = option.Otherwise is null ? option.Help : $"{option.Help} [default: {option.Otherwise}]";
        if (option.Format.Kind == OptionFormat.Flag)
        {
            return new Option<bool>(name) { Description = description };
        }

        var kind = new Option<string?>(name)
        {
            Description = description,
            HelpName = option.Format.Placeholder,
            DefaultValueFactory = option.Default is { } standard ? _ => standard : null,
            CustomParser = result =>
            {
                var text = result.Tokens[0].Value;
                try
                {
                    option.ValidateText(text);
                }
                catch (OptionException wrong)
                {
                    result.AddError(wrong.Message);
                }

                return text;
            },
        };
        kind.CompletionSources.Add([.. option.Format.Choices ?? []]);
        return kind;
    }

    /// <summary>What a command line gives for an option of a restoration; null where it gives nothing.</summary>
    public static string? TextOf(ParseResult parsed, Option option) =>
        option is Option<bool> flag ? (parsed.GetValue(flag) ? "true" : null) : parsed.GetValue((Option<string?>)option);

    /// <summary>A number; null where it is not given.</summary>
    public static Option<T?> Number<T>(string name, string description)
        where T : struct, INumber<T> =>
        new(name)
        {
            Description = description,
            HelpName = "N",
            CustomParser = result => ParseNumber<T>(result, name),
        };

    /// <summary>A number with a default.</summary>
    public static Option<T> Number<T>(string name, string description, T standard)
        where T : struct, INumber<T> =>
        new(name)
        {
            Description = description,
            HelpName = "N",
            DefaultValueFactory = _ => standard,
            CustomParser = result => ParseNumber<T>(result, name) ?? standard,
        };

    /// <summary>A number of bytes; null where it is not given, which means the default that is described.</summary>
    public static Option<long?> Memory(string name, string description, long standard) =>
        new(name)
        {
            Description = $"{description} [default: {MemorySize.Text(standard)}]",
            HelpName = "SIZE",
            CustomParser = result => Parsed(result, name, MemorySize.Parse, "a number with MB or GB, such as 5GB,"),
        };

    /// <summary>A span of time; null where it is not given, which means the default that is described.</summary>
    public static Option<TimeSpan?> Time(string name, string description, TimeSpan standard) =>
        new(name)
        {
            Description = $"{description} [default: {TimeText.Of(standard)}]",
            HelpName = "TIME",
            CustomParser = result => Parsed(result, name, TimeText.Parse, "a number with m, h or d, such as 7d,"),
        };

    private static void ValidateTarget(OptionResult result, bool mayBeStream)
    {
        foreach (var text in result.Tokens.Select(token => token.Value))
        {
            if (mayBeStream && text == "-")
            {
                continue;
            }

            if (text == "-")
            {
                result.AddError($"Nothing is written to the standard output. Name a file or a folder ({result.Option.Name}).");
            }
            else if (text.StartsWith('-'))
            {
                result.AddError($"There is no option {text}.");
            }
        }
    }

    private static T? Parsed<T>(ArgumentResult result, string name, Func<string, T?> parse, string expected)
        where T : struct
    {
        var text = result.Tokens[0].Value;
        var value = parse(text);
        if (value is null)
        {
            result.AddError($"{name} is \"{text}\"; {expected} is expected.");
        }

        return value;
    }

    private static T? ParseNumber<T>(ArgumentResult result, string name)
        where T : struct, INumber<T> => Parsed<T>(result, name, NumberText.Parse<T>, NumberText.Expected<T>());
}
