using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Numerics;

namespace DiffBir.Cli;

/// <summary>The kinds of options: what a value looks like, and what is said where it looks otherwise.</summary>
internal static class OptionKinds
{
    /// <summary>Files and folders. What looks like an option is none of them: a typing error must not pass as a photo that is missing.</summary>
    public static Argument<string[]> Inputs(string name, string description)
    {
        var argument = new Argument<string[]>(name)
        {
            Description = description,
            Arity = ArgumentArity.OneOrMore,
        };
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

    /// <summary>One of several words.</summary>
    /// <param name="name">The option.</param>
    /// <param name="description">For the help.</param>
    /// <param name="choices">The words; the first is the default.</param>
    public static Option<string> Choice(string name, string description, params string[] choices)
    {
        var option = new Option<string>(name)
        {
            Description = description,
            DefaultValueFactory = _ => choices[0],
            HelpName = HelpName(choices),
        };
        option.AcceptOnlyFromAmong(choices);
        return option;
    }

    /// <summary>One of several words; null where it is not given.</summary>
    public static Option<string?> OptionalChoice(
        string name,
        string description,
        params string[] choices
    )
    {
        var option = new Option<string?>(name)
        {
            Description = description,
            HelpName = HelpName(choices),
        };
        option.AcceptOnlyFromAmong(choices);
        return option;
    }

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

    /// <summary>A tile size; automatic where it is not given.</summary>
    public static Option<TileChoice> Tile(string name, string description) =>
        new(name)
        {
            Description = description,
            HelpName = "auto|off|N",
            DefaultValueFactory = _ => TileChoice.Auto,
            CustomParser = result => ParseTile(result, name) ?? TileChoice.Auto,
        };

    /// <summary>A tile size; null where it is not given.</summary>
    public static Option<TileChoice?> OptionalTile(string name, string description) =>
        new(name)
        {
            Description = description,
            HelpName = "auto|off|N",
            CustomParser = result => ParseTile(result, name),
        };

    /// <summary>Too many choices would widen the column; the description has them as well.</summary>
    private static string HelpName(string[] choices)
    {
        const int widest = 32;
        var all = string.Join('|', choices);
        return all.Length <= widest ? all : "NAME";
    }

    private static T? ParseNumber<T>(ArgumentResult result, string name)
        where T : struct, INumber<T>
    {
        var text = result.Tokens[0].Value;
        var isWhole = typeof(T) != typeof(double);
        // No separators of thousands: 1,5 would be 15.
        var style = isWhole ? NumberStyles.AllowLeadingSign : NumberStyles.Float;
        if (T.TryParse(text, style, CultureInfo.InvariantCulture, out var number))
        {
            return number;
        }

        var kind = isWhole ? "a whole number" : "a number such as 1.5";
        result.AddError($"{name} is \"{text}\"; {kind} is expected.");
        return null;
    }

    private static TileChoice? ParseTile(ArgumentResult result, string name)
    {
        var text = result.Tokens[0].Value;
        if (text is "auto" or "off")
        {
            return text == "auto" ? TileChoice.Auto : TileChoice.Off;
        }

        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var size))
        {
            return TileChoice.Of(size);
        }

        result.AddError($"{name} is \"{text}\"; auto, off, or a number of pixels is expected.");
        return null;
    }
}
