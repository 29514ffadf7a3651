namespace DiffBir.Primitives;

/// <summary>Marks a property that users set by a name, on a command line or in a form. Its initial value is the default.</summary>
/// <param name="name">Name without the dashes of a command line: <c>guidance-scale</c>.</param>
/// <param name="group">Heading below which it stands.</param>
/// <param name="help">Effect in a sentence or two; <c>{choices}</c> stands for the words that are allowed.</param>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class OptionAttribute(string name, OptionGroup group, string help) : Attribute
{
    /// <summary>What decides where nothing is given.</summary>
    public const string ModelsDefault = "the model's";

    /// <summary>Name without the dashes of a command line.</summary>
    public string Name => name;

    /// <summary>Heading below which it stands.</summary>
    public OptionGroup Group => group;

    /// <summary>Effect in a sentence or two.</summary>
    public string Help => help;

    /// <summary>What happens where it is not given, for people; null where the default says it.</summary>
    public string? Otherwise { get; init; }
}

/// <summary>Range of a number that users set.</summary>
/// <param name="min">Smallest that is allowed.</param>
/// <param name="max">Largest that is allowed.</param>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class AllowedRangeAttribute(double min, double max = double.PositiveInfinity) : Attribute
{
    /// <summary>Smallest that is allowed.</summary>
    public double Min => min;

    /// <summary>Largest that is allowed; infinite where there is no bound.</summary>
    public double Max => max;

    /// <summary>What the number must be a multiple of; 0 where it need not be.</summary>
    public double MultipleOf { get; init; }

    /// <summary>Whether a number is finite, in the range, and a multiple of what it must be.</summary>
    public bool Contains(double value) =>
        double.IsFinite(value) && value >= min && value <= max && (MultipleOf == 0 || value % MultipleOf == 0);

    /// <summary>The range in words: <c>from 64 to 4096 and a multiple of 64</c>.</summary>
    public override string ToString() => MultipleOf == 0 ? Bounds : $"{Bounds} and a multiple of {MultipleOf}";

    private string Bounds =>
        (double.IsInfinity(min), double.IsInfinity(max)) switch
        {
            (true, true) => "a number",
            (false, true) => $"{min} or more",
            (true, false) => $"{max} or less",
            _ => $"from {min} to {max}",
        };
}

/// <summary>Range of a number of bytes that users set.</summary>
/// <param name="minBytes">Smallest that is allowed.</param>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class AllowedMemoryAttribute(long minBytes) : Attribute
{
    /// <summary>Smallest that is allowed.</summary>
    public long MinBytes => minBytes;
}

/// <summary>Marks a value of an enumeration that exists but cannot be asked for.</summary>
[AttributeUsage(AttributeTargets.Field)]
internal sealed class NoOptionChoiceAttribute : Attribute;

/// <summary>Word for a value of an enumeration where it is not the value's name in lower case.</summary>
/// <param name="word">What users write.</param>
[AttributeUsage(AttributeTargets.Field)]
internal sealed class OptionWordAttribute(string word) : Attribute
{
    /// <summary>What users write.</summary>
    public string Word => word;
}
