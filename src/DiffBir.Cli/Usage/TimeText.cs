using System.Globalization;

namespace DiffBir.Cli.Usage;

/// <summary>Spans of time as people write them: 30m, 12h, 7d.</summary>
internal static class TimeText
{
    private const double MaxDays = 36_500;

    /// <summary>The span; null where the text is none.</summary>
    public static TimeSpan? Parse(string text)
    {
        if (
            text.Length < 2
            || !double.TryParse(text[..^1], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
        )
        {
            return null;
        }

        var days = text[^1] switch
        {
            'm' => number / 24 / 60,
            'h' => number / 24,
            'd' => number,
            _ => double.NaN,
        };
        return days <= MaxDays ? TimeSpan.FromDays(days) : null;
    }

    /// <summary>A span as people write it.</summary>
    public static string Of(TimeSpan time) =>
        time.TotalDays >= 1 ? $"{time.TotalDays:0.##}d"
        : time.TotalHours >= 1 ? $"{time.TotalHours:0.##}h"
        : $"{time.TotalMinutes:0.##}m";
}
