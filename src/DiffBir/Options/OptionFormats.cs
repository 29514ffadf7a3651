using System.Numerics;
using System.Reflection;
using DiffBir.Sampling;

namespace DiffBir.Options;

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
                .. Enum.GetValues(type).Cast<Enum>().Select(value => (WordOf(value), (object)value)),
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

    private static NumberFormat<T> Number<T>(AllowedRangeAttribute? range)
        where T : struct, INumber<T>
    {
        return new(Bound(range?.Min), Bound(range?.Max), range is { MultipleOf: > 0 and var unit } ? Bound(unit) : null);

        static T? Bound(double? value) => value is { } bound && double.IsFinite(bound) ? T.CreateChecked(bound) : null;
    }
}
