using System.Globalization;
using System.Numerics;
using System.Reflection;
using DiffBir.Sampling;

namespace DiffBir.Options;

/// <summary>What an option's value looks like. The family is closed.</summary>
internal abstract class OptionFormat
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

    /// <summary>The value of a text.</summary>
    /// <exception cref="OptionException">The text is none; the message begins with the option's name.</exception>
    internal abstract object Parse(string name, string text);

    /// <summary>The text of a value.</summary>
    internal abstract string Text(object value);

    /// <summary>Rejects a value that is not allowed.</summary>
    /// <exception cref="OptionException">The message names the option, the value and what is allowed.</exception>
    internal abstract void Validate(string name, object value);
}

/// <summary>What values of one type look like.</summary>
internal abstract class OptionFormat<T> : OptionFormat
    where T : notnull
{
    internal sealed override object Parse(string name, string text) => ParseValue(name, text);

    internal sealed override string Text(object value) => TextOf((T)value);

    internal sealed override void Validate(string name, object value) => ValidateValue(name, (T)value);

    private protected abstract T ParseValue(string name, string text);

    private protected abstract string TextOf(T value);

    private protected virtual void ValidateValue(string name, T value) { }

    private protected static OptionException Unreadable(string name, string text, string expected) =>
        new($"{name} is \"{text}\"; {expected} is expected (--{name}).", name);
}

/// <summary>A number in a range.</summary>
/// <param name="min">The smallest that is allowed; null where there is no bound.</param>
/// <param name="max">The largest that is allowed; null where there is no bound.</param>
/// <param name="multiple">What it must be a multiple of; null where it need not be.</param>
internal sealed class NumberFormat<T>(T? min, T? max, T? multiple) : OptionFormat<T>
    where T : struct, INumber<T>
{
    public override string Kind => NumberText.IsWhole<T>() ? "integer" : "number";

    public override string Placeholder => "N";

    public override double? Minimum => min is { } value ? double.CreateChecked(value) : null;

    public override double? Maximum => max is { } value ? double.CreateChecked(value) : null;

    private string Allowed =>
        (min, max) switch
        {
            ({ } from, { } to) => $"from {from} to {to}",
            ({ } from, null) => $"{from} or more",
            _ => "a finite number",
        };

    private protected override T ParseValue(string name, string text) =>
        NumberText.Parse<T>(text) ?? throw Unreadable(name, text, NumberText.Expected<T>());

    private protected override string TextOf(T value) => value.ToString(null, CultureInfo.InvariantCulture);

    private protected override void ValidateValue(string name, T value)
    {
        if (!T.IsFinite(value) || value < min || value > max)
        {
            throw new OptionException($"{name} is {TextOf(value)}; it must be {Allowed} (--{name}).", name);
        }

        if (multiple is { } unit && value % unit != T.Zero)
        {
            throw new OptionException(
                $"{name} is {TextOf(value)}, which is not a multiple of {unit}. Use {TextOf(value - (value % unit))} (--{name}).",
                name
            );
        }
    }
}

/// <summary>One of several words.</summary>
/// <param name="choices">The words with their values.</param>
internal class ChoiceFormat(params (string Word, object Value)[] choices) : OptionFormat<object>
{
    private const int MaxPlaceholder = 32;

    public override string Kind => "choice";

    public override IReadOnlyList<string> Choices { get; } = [.. choices.Select(choice => choice.Word)];

    /// <summary>Too many words would widen the column of a help; the text has them as well.</summary>
    public override string Placeholder => string.Join('|', Choices) is { Length: <= MaxPlaceholder } all ? all : "NAME";

    private protected override object ParseValue(string name, string text)
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

    private protected override string TextOf(object value) => choices.First(choice => Equals(choice.Value, value)).Word;
}

/// <summary>A sampler with its usual parameters.</summary>
internal sealed class SamplerFormat()
    : ChoiceFormat([.. SamplerNames.All.Select(name => (name, (object)SamplerNames.Parse(name)))])
{
    private protected override string TextOf(object value) => SamplerNames.Of((Sampler)value);
}

/// <summary>Yes or no.</summary>
internal sealed class FlagFormat : OptionFormat<bool>
{
    public override string Kind => Flag;

    private protected override bool ParseValue(string name, string text) =>
        text switch
        {
            "true" => true,
            "false" => false,
            _ => throw Unreadable(name, text, "true or false"),
        };

    private protected override string TextOf(bool value) => value ? "true" : "false";
}

/// <summary>Any words.</summary>
internal sealed class TextFormat : OptionFormat<string>
{
    public override string Kind => "text";

    public override string Placeholder => "TEXT";

    private protected override string ParseValue(string name, string text) => text;

    private protected override string TextOf(string value) => value;
}

/// <summary>A tile's side, or who decides on it.</summary>
internal sealed class TileFormat : OptionFormat<TileChoice>
{
    private const int Multiple = 64;

    public override string Kind => "tile";

    public override string Placeholder => "auto|off|N";

    private protected override TileChoice ParseValue(string name, string text) =>
        text switch
        {
            "auto" => TileChoice.Auto,
            "off" => TileChoice.Off,
            _ when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var size) => TileChoice.Of(size),
            _ => throw Unreadable(name, text, "auto, off, or a number of pixels"),
        };

    private protected override string TextOf(TileChoice value) => value.ToString();

    private protected override void ValidateValue(string name, TileChoice value)
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

/// <summary>The size of a result: pixels, a box to fit into, or paper.</summary>
internal sealed class SizeFormat : OptionFormat<TargetSize>
{
    private const int MaxSide = 1_000_000;

    public override string Kind => "text";

    public override string Placeholder => "WxH";

    private protected override TargetSize ParseValue(string name, string text) =>
        TargetSize.Parse(text) ?? throw Unreadable(name, text, "a size such as 3840x2160, fit:3840x2160 or 20x30cm@300dpi");

    private protected override string TextOf(TargetSize value) => value.ToString();

    private protected override void ValidateValue(string name, TargetSize value)
    {
        var (height, width) = value.PixelsFor(new(1, 1));
        if (!(Math.Min(height, width) >= 1 && Math.Max(height, width) <= MaxSide))
        {
            throw new OptionException($"{name} is {value}; each side must be from 1 to {MaxSide:N0} pixels (--{name}).", name);
        }
    }
}

/// <summary>A size of memory, such as 6GB.</summary>
/// <param name="minBytes">The fewest bytes that are allowed.</param>
internal sealed class MemoryFormat(long minBytes) : OptionFormat<long>
{
    public override string Kind => "memory";

    public override string Placeholder => "SIZE";

    private protected override long ParseValue(string name, string text) =>
        MemorySize.Parse(text) ?? throw Unreadable(name, text, "a number with MB or GB, such as 6GB,");

    private protected override string TextOf(long value) => MemorySize.Text(value);

    private protected override void ValidateValue(string name, long value)
    {
        if (value < minBytes)
        {
            throw new OptionException(
                $"{name} is {MemorySize.Text(value)}; it must be at least {MemorySize.Text(minBytes)} (--{name}).",
                name
            );
        }
    }
}

/// <summary>Forms of values by the types of the properties that hold them.</summary>
internal static class OptionFormats
{
    /// <summary>Form of a property's values.</summary>
    /// <exception cref="NotSupportedException">There is none for its type.</exception>
    public static OptionFormat Of(PropertyInfo property)
    {
        if (property.GetCustomAttribute<AllowedMemoryAttribute>() is { } memory)
        {
            return new MemoryFormat(memory.MinBytes);
        }

        var range = property.GetCustomAttribute<AllowedRangeAttribute>();
        var type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        return type switch
        {
            { IsEnum: true } => new ChoiceFormat([
                .. Enum.GetValues(type).Cast<Enum>().Where(CanBeAskedFor).Select(value => (WordOf(value), (object)value)),
            ]),
            _ when type == typeof(bool) => new FlagFormat(),
            _ when type == typeof(string) => new TextFormat(),
            _ when type == typeof(int) => Number<int>(range),
            _ when type == typeof(long) => Number<long>(range),
            _ when type == typeof(double) => Number<double>(range),
            _ when type == typeof(TileChoice) => new TileFormat(),
            _ when type == typeof(TargetSize) => new SizeFormat(),
            _ when type == typeof(Sampler) => new SamplerFormat(),
            _ => throw new NotSupportedException($"{property.DeclaringType}.{property.Name} has no form as an option."),
        };
    }

    /// <summary>The word that users write for a choice.</summary>
    public static string WordOf(Enum value)
    {
        var name = value.ToString();
        return value.GetType().GetField(name)!.GetCustomAttribute<OptionWordAttribute>()?.Word ?? name.ToLowerInvariant();
    }

    private static bool CanBeAskedFor(Enum value) =>
        !value.GetType().GetField(value.ToString())!.IsDefined(typeof(NoOptionChoiceAttribute), inherit: false);

    private static NumberFormat<T> Number<T>(AllowedRangeAttribute? range)
        where T : struct, INumber<T>
    {
        return new(Bound(range?.Min), Bound(range?.Max), range is { MultipleOf: > 0 and var unit } ? Bound(unit) : null);

        static T? Bound(double? value) => value is { } bound && double.IsFinite(bound) ? T.CreateChecked(bound) : null;
    }
}

/// <summary>Numbers as people write them, in options of every kind.</summary>
internal static class NumberText
{
    /// <summary>The number; null where the text is none.</summary>
    public static T? Parse<T>(string text)
        where T : struct, INumber<T>
    {
        // No separators of thousands: 1,5 would be 15.
        var style = IsWhole<T>() ? NumberStyles.AllowLeadingSign : NumberStyles.Float;
        return T.TryParse(text, style, CultureInfo.InvariantCulture, out var number) ? number : null;
    }

    /// <summary>What is expected, for messages.</summary>
    public static string Expected<T>()
        where T : struct, INumber<T> => IsWhole<T>() ? "a whole number" : "a number such as 1.5";

    /// <summary>Whether numbers of a type have no fraction.</summary>
    public static bool IsWhole<T>()
        where T : struct, INumber<T> => typeof(T) != typeof(double);
}
