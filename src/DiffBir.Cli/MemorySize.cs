using System.CommandLine.Parsing;
using System.Globalization;

namespace DiffBir.Cli;

/// <summary>Sizes of memory as people write them: 6GB, 800MB, 1.5 GiB.</summary>
internal static class MemorySize
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

    /// <summary>The number of bytes, or null with an error in the result.</summary>
    public static long? Parse(ArgumentResult result)
    {
        var text = result.Tokens[0].Value;
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

        result.AddError(
            $"\"{text}\" is no size of memory. Use a number with MB or GB, such as 6GB."
        );
        return null;
    }
}
