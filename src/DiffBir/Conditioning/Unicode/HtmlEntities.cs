using System.Buffers;
using System.Globalization;
using System.Net;
using System.Text;

namespace DiffBir.Conditioning.Unicode;

/// <summary>Replaces HTML character references: <c>&amp;eacute;</c>, <c>&amp;#233;</c>, <c>&amp;#xE9;</c>.</summary>
/// <remarks>The names are HTML 4's 252 and <c>apos</c> (docs/quirks.md#prompts-html-names).</remarks>
internal static class HtmlEntities
{
    /// <summary>Longer names do not exist; it bounds the look-ups at each ampersand.</summary>
    private const int MaxNameLength = 32;

    private const int LastLatin1 = 0xFF;

    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdefABCDEF");

    /// <summary>Replaces what ends in a semicolon, and names written in capitals (<c>&amp;EACUTE;</c>); one level.</summary>
    public static string UnescapeUnambiguous(string text) => Unescape(text, isLenient: false);

    /// <summary>Replaces what a browser would: also without the semicolon, where HTML has always allowed that; one level.</summary>
    public static string Unescape(string text) => Unescape(text, isLenient: true);

    private static string Unescape(string text, bool isLenient)
    {
        var ampersand = text.IndexOf('&');
        if (ampersand < 0)
        {
            return text;
        }

        var result = new StringBuilder(text.Length);
        var position = 0;
        while (ampersand >= 0)
        {
            result.Append(text, position, ampersand - position);
            var rest = text.AsSpan(ampersand + 1);
            var (length, replacement) = rest.StartsWith("#") ? Numeric(rest, isLenient) : Named(rest, isLenient);
            result.Append(replacement ?? "&");
            position = ampersand + 1 + (replacement is null ? 0 : length);
            ampersand = text.IndexOf('&', position);
        }

        return result.Append(text, position, text.Length - position).ToString();
    }

    /// <summary>Reads <c>#233;</c> or <c>#xE9;</c>; the length counts from behind the ampersand.</summary>
    private static (int Length, string? Replacement) Numeric(ReadOnlySpan<char> rest, bool isLenient)
    {
        var isHex = rest.Length > 1 && rest[1] is 'x' or 'X';
        var digits = rest[(isHex ? 2 : 1)..];
        var count = isHex ? digits.IndexOfAnyExcept(HexDigits) : digits.IndexOfAnyExceptInRange('0', '9');
        count = count < 0 ? digits.Length : count;
        var hasSemicolon = count < digits.Length && digits[count] == ';';
        if (count == 0 || !(hasSemicolon || isLenient))
        {
            return default;
        }

        var length = rest.Length - digits.Length + count + (hasSemicolon ? 1 : 0);
        var significant = digits[..count].TrimStart('0');
        // Seven digits hold every code point in either base; more is out of range.
        var code = significant switch
        {
            [] => 0,
            { Length: > 7 } => int.MaxValue,
            _ => int.Parse(significant, isHex ? NumberStyles.HexNumber : NumberStyles.None, CultureInfo.InvariantCulture),
        };
        return (length, Character(code));
    }

    /// <summary>The character of a numeric reference, as the HTML standard corrects it.</summary>
    private static string Character(int code) =>
        code switch
        {
            0 => "\uFFFD",
            >= 0x80 and <= 0x9F => Windows1252.Decode((byte)code).ToString(),
            '\t' or '\n' or '\f' or '\r' => ((char)code).ToString(),
            < ' ' or 0x7F or (>= 0xFDD0 and <= 0xFDEF) => "",
            _ when !Rune.IsValid(code) => "\uFFFD",
            _ when (code & 0xFFFE) == 0xFFFE => "",
            _ => new Rune(code).ToString(),
        };

    private static (int Length, string? Replacement) Named(ReadOnlySpan<char> rest, bool isLenient)
    {
        var length = 0;
        while (length < Math.Min(rest.Length, MaxNameLength) && char.IsAsciiLetterOrDigit(rest[length]))
        {
            length++;
        }

        if (length < rest.Length && rest[length] == ';')
        {
            var replacement = LookUp(rest[..length].ToString()) ?? (isLenient ? null : LookUpCapitals(rest[..length]));
            if (replacement is not null)
            {
                return (length + 1, replacement);
            }
        }

        // Without a semicolon only the oldest names count, the longest that fits: &ampersand is "&ersand".
        for (; isLenient && length > 1; length--)
        {
            var name = rest[..length].ToString();
            if (name is not "apos" && LookUp(name) is { Length: 1 } old && old[0] <= LastLatin1)
            {
                return (length, old);
            }
        }

        return default;
    }

    private static string? LookUpCapitals(ReadOnlySpan<char> name) =>
        name.ContainsAnyInRange('a', 'z') ? null : LookUp(name.ToString().ToLowerInvariant())?.ToUpperInvariant();

    private static string? LookUp(string name)
    {
        // The capitals that HTML has always known.
        var known = name is "AMP" or "COPY" or "GT" or "LT" or "QUOT" or "REG" ? name.ToLowerInvariant() : name;
        var reference = $"&{known};";
        var decoded = WebUtility.HtmlDecode(reference);
        return decoded == reference ? null : decoded;
    }
}
