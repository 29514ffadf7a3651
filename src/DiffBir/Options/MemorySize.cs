using System.Globalization;

namespace DiffBir.Options;

/// <summary>Sizes of memory as people write them: 6GB, 800MB, 1.5 GiB.</summary>
public static class MemorySize
{
    private static readonly (string Unit, double Bytes)[] Units =
    [
        ("GIB", 1L << 30),
        ("MIB", 1L << 20),
        ("GB", 1e9),
        ("MB", 1e6),
        ("G", 1e9),
        ("M", 1e6),
    ];

    /// <summary>The number of bytes; null where the text is no size.</summary>
    public static long? Parse(string text)
    {
        var upper = text.Trim().ToUpperInvariant();
        foreach (var (unit, bytes) in Units)
        {
            if (
                upper.EndsWith(unit, StringComparison.Ordinal)
                && double.TryParse(
                    upper[..^unit.Length],
                    NumberStyles.AllowDecimalPoint | NumberStyles.AllowTrailingWhite,
                    CultureInfo.InvariantCulture,
                    out var number
                )
                && number * bytes < long.MaxValue
            )
            {
                return (long)(number * bytes);
            }
        }

        return null;
    }

    /// <summary>A number of bytes as people say it.</summary>
    public static string Text(long bytes) => bytes >= 1e9 ? $"{bytes / 1e9:0.##} GB" : $"{bytes / 1e6:0.##} MB";
}
