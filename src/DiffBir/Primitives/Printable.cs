using System.Globalization;
using System.Text;

namespace DiffBir.Primitives;

/// <summary>Makes text from a file, its name included, harmless on a terminal and in a message.</summary>
/// <remarks>
/// Control characters steer a terminal: they color, move, ring, set its title. Direction marks let a text read differently from what
/// it is, and other invisible characters let two texts look alike. All of them become question marks, as <c>ls</c> shows them. Those
/// that join letters stay: scripts and emoji need them.
/// </remarks>
internal static class Printable
{
    private const int MaxRunes = 80;
    private const char Replacement = '?';
    private const int NonJoiner = 0x200C;
    private const int Joiner = 0x200D;

    /// <summary>A text on one line.</summary>
    public static string Line(string text) => Replaced(text, static _ => false);

    /// <summary>A text of several lines, whose ends and tabs stay.</summary>
    public static string Lines(string text) =>
        IsHarmless(text, static _ => false) ? text : string.Join('\n', text.Split('\n').Select(LineOfSeveral));

    /// <summary>A text on one line, its beginning if it is long.</summary>
    public static string Shorten(string text)
    {
        var line = Line(text);
        var runes = line.EnumerateRunes().Take(MaxRunes + 1).ToList();
        return runes.Count <= MaxRunes ? line : string.Concat(runes.Take(MaxRunes)) + "…";
    }

    /// <summary>JSON with escapes for what a terminal must not get; it says the same.</summary>
    /// <param name="json">JSON; line ends and tabs between its values stay.</param>
    public static string Json(string json)
    {
        if (IsHarmless(json, static rune => rune.Value is '\r' or '\n' or '\t'))
        {
            return json;
        }

        var text = new StringBuilder(json.Length);
        Span<char> units = stackalloc char[2];
        foreach (var rune in json.EnumerateRunes())
        {
            if (IsHarmless(rune) || rune.Value is '\r' or '\n' or '\t')
            {
                text.Append(rune);
                continue;
            }

            foreach (var unit in units[..rune.EncodeToUtf16(units)])
            {
                text.Append(CultureInfo.InvariantCulture, $"\\u{(int)unit:X4}");
            }
        }

        return text.ToString();
    }

    private static string LineOfSeveral(string line)
    {
        var end = line.EndsWith('\r') ? "\r" : "";
        return Replaced(line[..^end.Length], static rune => rune.Value == '\t') + end;
    }

    private static string Replaced(string text, Func<Rune, bool> stays)
    {
        if (IsHarmless(text, stays))
        {
            return text;
        }

        var harmless = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes()) // half a surrogate pair comes as U+FFFD
        {
            _ = IsHarmless(rune) || stays(rune) ? harmless.Append(rune) : harmless.Append(Replacement);
        }

        return harmless.ToString();
    }

    private static bool IsHarmless(string text, Func<Rune, bool> stays)
    {
        foreach (var rune in text.EnumerateRunes())
        {
            if (!IsHarmless(rune) && !stays(rune))
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsHarmless(Rune rune) =>
        Rune.GetUnicodeCategory(rune) switch
        {
            UnicodeCategory.Control or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator => false,
            UnicodeCategory.Format => rune.Value is NonJoiner or Joiner,
            _ => true,
        };
}
