using System.Globalization;
using System.Numerics;

namespace DiffBir.Options;

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
