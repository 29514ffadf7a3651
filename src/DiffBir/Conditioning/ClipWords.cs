using System.Globalization;
using System.Text;

namespace DiffBir.Conditioning;

/// <summary>Splits cleaned text into the pieces that are encoded on their own: words, digits, runs of symbols, contractions.</summary>
internal static class ClipWords
{
    /// <summary>Written in a prompt, this is one token.</summary>
    public const string StartOfText = "<start_of_text>";

    /// <summary>Written in a prompt, this is one token.</summary>
    public const string EndOfText = "<end_of_text>";

    /// <summary>Pieces that come before every other reading of the text at their place.</summary>
    private static readonly string[] Contractions = ["'s", "'t", "'re", "'ve", "'m", "'ll", "'d"];
    private static readonly string[] OfOpenClip = [StartOfText, EndOfText, .. Contractions];

    private enum Kind
    {
        Space,
        Letter,
        Number,
        Symbol,
    }

    /// <summary>The pieces in order; white space separates and is dropped.</summary>
    /// <param name="text">Cleaned text in lower case.</param>
    /// <param name="rules">Whose special tokens are pieces.</param>
    public static IEnumerable<string> Split(string text, TokenizerRules rules = TokenizerRules.OpenClip)
    {
        var fixedPieces = rules == TokenizerRules.OpenClip ? OfOpenClip : Contractions;
        var start = 0;
        while (start < text.Length)
        {
            var length = Length(text.AsSpan(start), fixedPieces, out var kind);
            if (kind != Kind.Space)
            {
                yield return text.Substring(start, length);
            }

            start += length;
        }
    }

    private static int Length(ReadOnlySpan<char> text, string[] fixedPieces, out Kind kind)
    {
        foreach (var piece in fixedPieces)
        {
            if (text.StartsWith(piece, StringComparison.Ordinal))
            {
                kind = Kind.Symbol;
                return piece.Length;
            }
        }

        kind = KindAt(text, out var length);
        // A digit is a piece of its own; letters and symbols go together.
        while (kind is Kind.Letter or Kind.Symbol && length < text.Length && KindAt(text[length..], out var next) == kind)
        {
            length += next;
        }

        return length;
    }

    private static Kind KindAt(ReadOnlySpan<char> text, out int length)
    {
        Rune.DecodeFromUtf16(text, out var rune, out length);
        return Rune.GetUnicodeCategory(rune) switch
        {
            _ when Rune.IsWhiteSpace(rune) => Kind.Space,
            UnicodeCategory.UppercaseLetter
            or UnicodeCategory.LowercaseLetter
            or UnicodeCategory.TitlecaseLetter
            or UnicodeCategory.ModifierLetter
            or UnicodeCategory.OtherLetter => Kind.Letter,
            UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber => Kind.Number,
            _ => Kind.Symbol,
        };
    }
}
