using System.Globalization;
using System.Numerics;

namespace DiffBir.Options;

/// <summary>What an option's value looks like. The family is closed.</summary>
public abstract class OptionFormat
{
    /// <summary>The <see cref="Kind"/> of what is true or false.</summary>
    public const string Flag = "boolean";

    private protected OptionFormat() { }

    /// <summary>The kind for programs: number, integer, choice, boolean, text, tile or memory.</summary>
    public abstract string Kind { get; }

    /// <summary>A short name for a value in a help; null where there is none to be given.</summary>
    public virtual string? Placeholder => null;

    /// <summary>The smallest number that is allowed; null for what is no number, or has no bound.</summary>
    public virtual double? Minimum => null;

    /// <summary>The largest number that is allowed; null for what is no number, or has no bound.</summary>
    public virtual double? Maximum => null;

    /// <summary>The words that are allowed; null where there are others.</summary>
    public virtual IReadOnlyList<string>? Choices => null;
}

/// <summary>What values of one type look like.</summary>
internal abstract class OptionFormat<T> : OptionFormat
{
    /// <summary>The value of a text.</summary>
    /// <exception cref="OptionException">The text is none; the message begins with the option's name.</exception>
    public abstract T Parse(string name, string text);

    /// <summary>The text of a value.</summary>
    public abstract string Text(T value);

    /// <summary>Throws unless a value is allowed.</summary>
    /// <exception cref="OptionException">It is not.</exception>
    public virtual void Require(string name, T value) { }

    private protected static OptionException Unreadable(string name, string text, string expected) =>
        new($"{name} is \"{text}\"; {expected} is expected (--{name}).", name);
}

/// <summary>A number in a range.</summary>
/// <param name="least">The smallest that is allowed.</param>
/// <param name="most">The largest that is allowed; null where there is no bound.</param>
/// <param name="multiple">What it must be a multiple of; null where it need not be.</param>
internal sealed class NumberFormat<T>(T? least = null, T? most = null, T? multiple = null) : OptionFormat<T>
    where T : struct, INumber<T>
{
    public override string Kind => NumberText.IsWhole<T>() ? "integer" : "number";

    public override string Placeholder => "N";

    public override double? Minimum => least is { } value ? double.CreateChecked(value) : null;

    public override double? Maximum => most is { } value ? double.CreateChecked(value) : null;

    private string Allowed =>
        (least, most) switch
        {
            ({ } from, { } to) => $"from {from} to {to}",
            ({ } from, null) => $"{from} or more",
            _ => "a finite number",
        };

    public override T Parse(string name, string text) =>
        NumberText.Parse<T>(text) ?? throw Unreadable(name, text, NumberText.Expected<T>());

    public override string Text(T value) => value.ToString(null, CultureInfo.InvariantCulture);

    public override void Require(string name, T value)
    {
        if (!T.IsFinite(value) || value < least || value > most)
        {
            throw new OptionException($"{name} is {Text(value)}; it must be {Allowed} (--{name}).", name);
        }

        if (multiple is { } unit && value % unit != T.Zero)
        {
            throw new OptionException(
                $"{name} is {Text(value)}, which is not a multiple of {unit}. Use {Text(value - value % unit)} (--{name}).",
                name
            );
        }
    }
}

/// <summary>One of several words.</summary>
/// <param name="choices">The words with their values.</param>
internal sealed class ChoiceFormat<T>(params (string Word, T Value)[] choices) : OptionFormat<T>
{
    private const int WidestPlaceholder = 32;

    public override string Kind => "choice";

    public override IReadOnlyList<string> Choices { get; } = [.. choices.Select(choice => choice.Word)];

    /// <summary>Too many words would widen the column of a help; the text has them as well.</summary>
    public override string Placeholder => string.Join('|', Choices) is { Length: <= WidestPlaceholder } all ? all : "NAME";

    public override T Parse(string name, string text)
    {
        foreach (var (word, value) in choices)
        {
            if (word == text)
            {
                return value;
            }
        }

        var expected = $"{string.Join(", ", Choices.SkipLast(1))} or {Choices[^1]}";
        throw Unreadable(name, text, expected);
    }

    public override string Text(T value) => choices.First(choice => Equals(choice.Value, value)).Word;
}

/// <summary>Yes or no.</summary>
internal sealed class FlagFormat : OptionFormat<bool>
{
    public override string Kind => Flag;

    public override bool Parse(string name, string text) =>
        text switch
        {
            "true" => true,
            "false" => false,
            _ => throw Unreadable(name, text, "true or false"),
        };

    public override string Text(bool value) => value ? "true" : "false";
}

/// <summary>Any words.</summary>
internal sealed class TextFormat : OptionFormat<string>
{
    public override string Kind => "text";

    public override string Placeholder => "TEXT";

    public override string Parse(string name, string text) => text;

    public override string Text(string value) => value;
}

/// <summary>A tile's side, or who decides on it.</summary>
internal sealed class TileFormat : OptionFormat<TileChoice>
{
    private const int Multiple = 64;

    public override string Kind => "tile";

    public override string Placeholder => "auto|off|N";

    public override TileChoice Parse(string name, string text) =>
        text switch
        {
            "auto" => TileChoice.Auto,
            "off" => TileChoice.Off,
            _ when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var size) => TileChoice.Of(size),
            _ => throw Unreadable(name, text, "auto, off, or a number of pixels"),
        };

    public override string Text(TileChoice value) => value.ToString();

    public override void Require(string name, TileChoice value)
    {
        if (value.Size is { } size && (size < Multiple || size % Multiple != 0))
        {
            throw new OptionException(
                $"Tile size {size} is not a multiple of {Multiple}. Use {Math.Max(Multiple, size / Multiple * Multiple)} (--{name}).",
                name
            );
        }
    }
}

/// <summary>A size of memory, such as 6GB.</summary>
/// <param name="least">The fewest bytes that are allowed.</param>
internal sealed class MemoryFormat(long least) : OptionFormat<long>
{
    public override string Kind => "memory";

    public override string Placeholder => "SIZE";

    public override long Parse(string name, string text) =>
        MemorySize.Parse(text) ?? throw Unreadable(name, text, "a number with MB or GB, such as 6GB,");

    public override string Text(long value) => MemorySize.Text(value);

    public override void Require(string name, long value)
    {
        if (value < least)
        {
            throw new OptionException(
                $"{name} is {MemorySize.Text(value)}; it must be at least {MemorySize.Text(least)} (--{name}).",
                name
            );
        }
    }
}
