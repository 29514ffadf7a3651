using System.Runtime.CompilerServices;
using System.Text.Json;

namespace DiffBir.Networks;

/// <summary>Bounds that a configuration keeps before anything is built of it. They are far above every known network, and far below what fills the memory with a graph.</summary>
/// <param name="path">Where the configuration stands in its file.</param>
/// <param name="refuse">Told what a property has that is not allowed: the rest of a sentence that begins with the file's name.</param>
internal sealed class ConfigRules(string path, Action<string> refuse)
{
    public const int MaxChannels = 16_384;
    public const int MaxBlocks = 128;
    public const int MaxLevels = 8;
    public const int MaxMultiplier = 64;
    public const int MaxWindow = 64;

    /// <summary>A value lies in a range, its ends included.</summary>
    public void Within(int value, int min, int max, [CallerArgumentExpression(nameof(value))] string property = "") =>
        Validate(value >= min && value <= max, value, $"from {min} to {max}", property);

    /// <summary>A value is one of those.</summary>
    public void OneOf(int value, IReadOnlyList<int> allowed, [CallerArgumentExpression(nameof(value))] string property = "") =>
        Validate(allowed.Contains(value), value, $"{string.Join(", ", allowed.SkipLast(1))} or {allowed[^1]}", property);

    /// <summary>A value is a multiple of another.</summary>
    public void MultipleOf(int value, int divisor, [CallerArgumentExpression(nameof(value))] string property = "")
    {
        if (value % divisor != 0)
        {
            refuse($"has {PathOf(property)} {value}, which is not a multiple of {divisor}");
        }
    }

    /// <summary>A list has so many values.</summary>
    public void Count(
        IReadOnlyList<int> values,
        int min,
        int max,
        [CallerArgumentExpression(nameof(values))] string property = ""
    )
    {
        if (values.Count < min || values.Count > max)
        {
            refuse(
                min == max
                    ? $"must have {max} numbers at {PathOf(property)}"
                    : $"has {values.Count} numbers at {PathOf(property)}; there must be {min} to {max}"
            );
        }
    }

    /// <summary>Each value of a list lies in a range, its ends included.</summary>
    public void Each(IReadOnlyList<int> values, int min, int max, [CallerArgumentExpression(nameof(values))] string property = "")
    {
        foreach (var value in values)
        {
            Within(value, min, max, property);
        }
    }

    /// <summary>A value keeps a rule of its own.</summary>
    /// <param name="holds">Whether it does.</param>
    /// <param name="value">The value.</param>
    /// <param name="allowed">What is allowed, behind "it must be".</param>
    /// <param name="property">The property; left out: the one that <paramref name="value"/> is read from.</param>
    public void Validate(bool holds, object value, string allowed, [CallerArgumentExpression(nameof(value))] string property = "")
    {
        if (!holds)
        {
            refuse($"has {PathOf(property)} {value}; it must be {allowed}");
        }
    }

    /// <summary>From <c>config.Channels</c> to where it stands in the file.</summary>
    private string PathOf(string property) =>
        $"{path}.{JsonNamingPolicy.CamelCase.ConvertName(property[(property.LastIndexOf('.') + 1)..])}";
}
