using System.Globalization;
using System.Text;

namespace DiffBir.Server.Uploads;

/// <summary>What clients call their files: shown to them, written into headers, never used as a path.</summary>
internal static class ClientFileName
{
    private const int MaxLength = 100;
    private const string Unnamed = "photo";

    /// <summary>The name without folders, without characters that are no text, and not too long.</summary>
    public static string Clean(string? name)
    {
        var last = name?.Split('/', '\\')[^1] ?? "";
        var text = new StringBuilder();
        foreach (var rune in last.EnumerateRunes())
        {
            if (text.Length < MaxLength && IsText(rune))
            {
                text.Append(rune.ToString());
            }
        }

        var clean = text.ToString().Trim(' ', '.');
        return clean.Length > 0 ? clean : Unnamed;
    }

    // Format characters can make a name read backwards.
    private static bool IsText(Rune rune) =>
        Rune.GetUnicodeCategory(rune)
            is not (
                UnicodeCategory.Control
                or UnicodeCategory.Format
                or UnicodeCategory.Surrogate
                or UnicodeCategory.PrivateUse
                or UnicodeCategory.OtherNotAssigned
                or UnicodeCategory.LineSeparator
                or UnicodeCategory.ParagraphSeparator
            )
        && rune.Value is not ('"' or '<' or '>' or ':' or '|' or '?' or '*');
}
