using System.Buffers;
using System.Globalization;
using System.Text;

namespace DiffBir.Conditioning.Unicode;

/// <summary>Brings a prompt into the form in which the text encoder was trained: repaired, unescaped, one space between words, lower case.</summary>
/// <remarks>
/// The original calls the Python package ftfy for the repair; this class does the part of it that prompts meet
/// (docs/quirks.md). Every step takes time in proportion to the text, and the number of steps is bounded.
/// </remarks>
internal static class PromptText
{
    /// <summary>Repairs may uncover one another, as in <c>&amp;Atilde;&amp;copy;</c>; deeper nesting stays as it is.</summary>
    private const int MaxRepairRounds = 6;

    private static readonly SearchValues<char> TerminalParameters = SearchValues.Create("0123456789;");

    private const char Escape = '\u001B';
    private const char ReplacementCharacter = '\uFFFD';
    private const char IdeographicSpace = '\u3000';

    // Full-width and half-width forms (U+FF01 to U+FFEE) and what they are forms of. A space marks a code point without one.
    private const char FirstFullWidthAscii = '\uFF01';
    private const char LastFullWidthAscii = '\uFF5E';
    private const char FirstOtherWidth = '\uFF5F';
    private const char LastOtherWidth = '\uFFEE';
    private const string OtherWidths =
        "\u2985\u2986。「」、・ヲァィゥェォャュョッーアイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワン\u3099\u309A"
        + "\u1160\u1100\u1101\u11AA\u1102\u11AC\u11AD\u1103\u1104\u1105\u11B0\u11B1\u11B2\u11B3\u11B4\u11B5"
        + "\u111A\u1106\u1107\u1108\u1121\u1109\u110A\u110B\u110C\u110D\u110E\u110F\u1110\u1111\u1112   "
        + "\u1161\u1162\u1163\u1164\u1165\u1166  \u1167\u1168\u1169\u116A\u116B\u116C  "
        + "\u116D\u116E\u116F\u1170\u1171\u1172  \u1173\u1174\u1175   "
        + "¢£¬ ¦¥₩ │←↑→↓■○";

    /// <summary>U+FFE3, the one form that stands for two characters.</summary>
    private const char FullWidthMacron = '\uFFE3';

    /// <summary>Cleans a prompt.</summary>
    /// <param name="prompt">Any text: lone surrogates, control characters and any length are fine.</param>
    public static string Clean(string prompt)
    {
        var text = Repair(prompt);
        text = HtmlEntities.Unescape(HtmlEntities.Unescape(text));
        return ToLower(CollapseWhiteSpace(text));
    }

    private static string Repair(string text)
    {
        // Text with tags is HTML on purpose: its references are no accident, and their turn comes later.
        var isHtml = text.Contains('<', StringComparison.Ordinal);
        for (var round = 0; round < MaxRepairRounds; round++)
        {
            var before = text;
            if (!isHtml)
            {
                text = HtmlEntities.UnescapeUnambiguous(text);
            }

            text = CanonicalComposition.Apply(RepairCharacters(Mojibake.Repair(text)));
            if (text == before)
            {
                break;
            }
        }

        return text;
    }

    /// <summary>Replaces single characters: ligatures, full-width forms, curly quotes, control characters, lone surrogates.</summary>
    private static string RepairCharacters(string text)
    {
        if (!text.AsSpan().ContainsAnyExceptInRange(' ', '~'))
        {
            return text;
        }

        var result = new StringBuilder(text.Length);
        for (var index = 0; index < text.Length; index++)
        {
            var character = text[index];
            if (char.IsHighSurrogate(character) && index + 1 < text.Length && char.IsLowSurrogate(text[index + 1]))
            {
                result.Append(text, index++, 2);
            }
            else if (character == Escape)
            {
                index += TerminalSequenceLength(text.AsSpan(index + 1));
            }
            else if (!IsUnwantedControl(character))
            {
                AppendRepaired(result, character);
            }
        }

        return result.ToString();
    }

    private static void AppendRepaired(StringBuilder result, char character)
    {
        switch (character)
        {
            case FullWidthMacron:
                result.Append(" \u0304");
                break;
            case IdeographicSpace:
                result.Append(' ');
                break;
            case >= FirstFullWidthAscii and <= LastFullWidthAscii:
                result.Append((char)(character - FirstFullWidthAscii + '!'));
                break;
            case >= FirstOtherWidth and <= LastOtherWidth:
                var standard = OtherWidths[character - FirstOtherWidth];
                result.Append(standard == ' ' ? character : standard);
                break;
            case '\u02BC' or (>= '\u2018' and <= '\u201B'):
                result.Append('\'');
                break;
            case >= '\u201C' and <= '\u201F':
                result.Append('"');
                break;
            case >= '\u0080' and <= '\u009F':
                result.Append(Windows1252.Decode((byte)character));
                break;
            default:
                result.Append(Ligature(character) ?? Valid(character));
                break;
        }
    }

    private static string? Ligature(char character) =>
        character switch
        {
            'Ĳ' => "IJ",
            'ĳ' => "ij",
            'ŉ' => "'n",
            'Ǆ' => "DŽ",
            'ǅ' => "Dž",
            'ǆ' => "dž",
            'Ǉ' => "LJ",
            'ǈ' => "Lj",
            'ǉ' => "lj",
            'Ǌ' => "NJ",
            'ǋ' => "Nj",
            'ǌ' => "nj",
            'Ǳ' => "DZ",
            'ǲ' => "Dz",
            'ǳ' => "dz",
            'ﬀ' => "ff",
            'ﬁ' => "fi",
            'ﬂ' => "fl",
            'ﬃ' => "ffi",
            'ﬄ' => "ffl",
            'ﬅ' => "ſt",
            'ﬆ' => "st",
            _ => null,
        };

    private static string Valid(char character) => (char.IsSurrogate(character) ? ReplacementCharacter : character).ToString();

    /// <summary>Control characters that text has by accident only; tab, line ends and form feed are white space.</summary>
    private static bool IsUnwantedControl(char character) =>
        character
            is (< ' ' and not ('\t' or '\n' or '\f' or '\r'))
                or '\u007F'
                or (>= '\u206A' and <= '\u206F') // deprecated formatting
                or '\uFEFF' // byte order mark
                or (>= '\uFFF9' and <= '\uFFFC'); // annotations, embedded objects

    /// <summary>The length behind the escape character of a terminal's color sequence such as <c>[31;1m</c>; 0 where there is none.</summary>
    private static int TerminalSequenceLength(ReadOnlySpan<char> rest)
    {
        if (rest is not ['[', ..])
        {
            return 0;
        }

        var end = rest[1..].IndexOfAnyExcept(TerminalParameters) + 1;
        return end > 0 && char.IsAsciiLetter(rest[end]) ? end + 1 : 0;
    }

    private static string CollapseWhiteSpace(string text)
    {
        var result = new StringBuilder(text.Length);
        foreach (var character in text)
        {
            if (!char.IsWhiteSpace(character))
            {
                result.Append(character);
            }
            else if (result.Length > 0 && result[^1] != ' ')
            {
                result.Append(' ');
            }
        }

        return result.ToString().TrimEnd(' ');
    }

    /// <summary>Lower case by Unicode's full rules: İ becomes two characters, Σ at a word's end becomes ς.</summary>
    private static string ToLower(string text)
    {
        var result = new StringBuilder(text.Length);
        var index = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            _ = rune.Value switch
            {
                'İ' => result.Append("i\u0307"),
                'Σ' => result.Append(IsFinalSigma(text, index) ? 'ς' : 'σ'),
                _ => result.Append(Rune.ToLowerInvariant(rune)),
            };
            index += rune.Utf16SequenceLength;
        }

        return result.ToString();
    }

    /// <summary>Whether a letter with case precedes and none follows, marks and apostrophes aside.</summary>
    private static bool IsFinalSigma(string text, int sigma)
    {
        var before = sigma - 1;
        while (before >= 0 && IsCaseIgnorable(text[before]))
        {
            before--;
        }

        var after = sigma + 1;
        while (after < text.Length && IsCaseIgnorable(text[after]))
        {
            after++;
        }

        return before >= 0 && char.IsLetter(text[before]) && !(after < text.Length && char.IsLetter(text[after]));
    }

    private static bool IsCaseIgnorable(char character) =>
        character is '\'' or '.' or ':' or '\u00B7' or '\u2019'
        || char.GetUnicodeCategory(character)
            is UnicodeCategory.NonSpacingMark
                or UnicodeCategory.EnclosingMark
                or UnicodeCategory.Format
                or UnicodeCategory.ModifierLetter
                or UnicodeCategory.ModifierSymbol;
}
