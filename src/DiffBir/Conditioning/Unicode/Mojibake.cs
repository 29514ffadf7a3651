using System.Text;

namespace DiffBir.Conditioning.Unicode;

/// <summary>Repairs UTF-8 that was once read as Windows-1252: <c>cafÃ©</c> is <c>café</c>, <c>â€œ</c> an opening quote.</summary>
/// <remarks>
/// A repairable sequence is a letter (Ã, â, ð …) followed by as many symbols as UTF-8 wants continuation bytes. Real text
/// has such sequences too (<c>“MANHÃ”</c>, <c>Spaß…</c>), so one alone is believed only where it is implausible as text,
/// or where such a one was found and the text is garbled throughout; two in a row always are. Other encodings than Windows-1252 are left as they are (docs/quirks.md#prompts-mojibake).
/// </remarks>
internal static class Mojibake
{
    /// <summary>Text that was garbled more often than this is beyond repair.</summary>
    private const int MaxRounds = 3;

    // The first bytes of UTF-8 sequences, read as Windows-1252.
    private const char FirstLead = '\u00C2';
    private const char LastLead = '\u00F4';

    /// <summary>Characters that no real text has right behind a capital letter with an accent.</summary>
    private const string ImplausibleAfterCapital = "¡¤¦§¨ª¬¯±²³µ¶¸¹º¼½¾¿ƒˆ˜†‡‰";

    /// <summary>What follows â in the garbled forms of punctuation, arrows, mathematical signs and dingbats.</summary>
    private const string ImplausibleAfterSmallA = "€‚„†ˆ‰Œ–—˜™šœž";

    /// <summary>What follows ï in the garbled forms of ligatures, full-width characters and byte order marks.</summary>
    private const string ImplausibleAfterSmallI = "¬¸»¼½¿";

    /// <summary>The repaired text; itself where nothing is garbled.</summary>
    public static string Repair(string text)
    {
        for (var round = 0; round < MaxRounds; round++)
        {
            var repaired = RepairOnce(text);
            if (repaired == text)
            {
                break;
            }

            text = repaired;
        }

        return text;
    }

    private static string RepairOnce(string text)
    {
        var isGarbled = IsGarbledThroughout(text);
        var result = new StringBuilder();
        var position = 0;
        while (text.AsSpan(position).IndexOfAnyInRange(FirstLead, LastLead) is >= 0 and var distance)
        {
            result.Append(text, position, distance);
            position += distance;
            var (length, decoded) = ReadRun(text.AsSpan(position), isGarbled);
            if (length == 0)
            {
                (length, decoded) = ReadLostSpace(text, position);
            }

            result.Append(decoded);
            position += length;
        }

        return position == 0 ? text : result.Append(text, position, text.Length - position).ToString();
    }

    /// <summary>Whether no character beyond ASCII stands outside of a sequence, and a sequence gives it away.</summary>
    private static bool IsGarbledThroughout(ReadOnlySpan<char> text)
    {
        var isImplausible = false;
        while (text.IndexOfAnyExceptInRange('\0', '\u007F') is >= 0 and var distance)
        {
            text = text[distance..];
            var length = ReadSequence(text, out _);
            if (length == 0)
            {
                return false;
            }

            isImplausible |= IsImplausible(text[..length]);
            text = text[length..];
        }

        return isImplausible;
    }

    /// <summary>Decodes the sequences that follow each other here; length 0 where there are none or none to be believed.</summary>
    private static (int Length, string Decoded) ReadRun(ReadOnlySpan<char> text, bool isGarbled)
    {
        var decoded = new StringBuilder();
        var (length, count) = (0, 0);
        var isBelieved = isGarbled;
        while (ReadSequence(text[length..], out var rune) is > 0 and var consumed)
        {
            isBelieved |= IsImplausible(text.Slice(length, consumed));
            decoded.Append(rune);
            length += consumed;
            count++;
        }

        isBelieved |= count > 1;
        return isBelieved ? (length, decoded.ToString()) : default;
    }

    /// <summary>Reads one character's UTF-8 bytes; the number of characters they took, 0 where there is no such sequence.</summary>
    private static int ReadSequence(ReadOnlySpan<char> text, out Rune rune)
    {
        rune = default;
        Span<byte> bytes = stackalloc byte[4];
        var count = text switch
        {
            [>= '\u00C2' and <= '\u00DF', ..] => 2,
            [>= '\u00E0' and <= '\u00EF', ..] => 3,
            [>= '\u00F0' and <= '\u00F4', ..] => 4,
            _ => 0,
        };
        if (count == 0 || text.Length < count)
        {
            return 0;
        }

        for (var index = 0; index < count; index++)
        {
            var value = Windows1252.Encode(text[index]);
            if (value < 0)
            {
                return 0;
            }

            bytes[index] = (byte)value;
        }

        var status = Rune.DecodeFromUtf8(bytes[..count], out rune, out var consumed);
        return status == System.Buffers.OperationStatus.Done && consumed == count ? count : 0;
    }

    /// <summary>Whether a single sequence is enough to call the text garbled.</summary>
    private static bool IsImplausible(ReadOnlySpan<char> sequence)
    {
        foreach (var character in sequence)
        {
            if (Windows1252.IsControl(character))
            {
                return true;
            }
        }

        return sequence switch
        {
            // An ellipsis or an apostrophe may well follow a word that ends in Ã or Â.
            ['Â' or 'Ã', var second] => second is not ('…' or '’'),
            [_, var second] => ImplausibleAfterCapital.Contains(second),
            ['â', var second, _] => ImplausibleAfterSmallA.Contains(second),
            ['ï', var second, _] => ImplausibleAfterSmallI.Contains(second),
            { Length: 4 } => true,
            _ => false,
        };
    }

    /// <summary>Repairs <c>voilÃ le</c>, where the second byte, a non-breaking space, became a space; else copies one character.</summary>
    private static (int Length, string Decoded) ReadLostSpace(string text, int position)
    {
        var isBehindWord =
            (position > 0 && char.IsAsciiLetterLower(text[position - 1]))
            || (position > 1 && text[position - 1] == ' ' && char.IsAsciiLetterLower(text[position - 2]));
        return text.AsSpan(position) switch
        {
            ['Ã', ' ', ..] when isBehindWord => (2, "à "),
            ['Â', ' ', ..] when isBehindWord => (2, " "),
            _ => (1, text[position].ToString()),
        };
    }
}
