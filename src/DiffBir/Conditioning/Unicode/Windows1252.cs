namespace DiffBir.Conditioning.Unicode;

/// <summary>The encoding that most garbled text went through: Latin-1 with printable characters at 0x80 to 0x9F.</summary>
/// <remarks>Its five unassigned bytes stand for the control characters of Latin-1, as in browsers.</remarks>
internal static class Windows1252
{
    private const int FirstControl = 0x80;

    private const string ControlRange = "€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008DŽ\u008F\u0090‘’“”•–—˜™š›œ\u009DžŸ";

    /// <summary>The character of a byte.</summary>
    public static char Decode(byte value) =>
        (value - FirstControl) is >= 0 and < 32 and var index ? ControlRange[index] : (char)value;

    /// <summary>The byte of a character, control characters of Latin-1 included; -1 where there is none.</summary>
    public static int Encode(char character)
    {
        if (character <= byte.MaxValue)
        {
            return character;
        }

        var index = ControlRange.IndexOf(character, StringComparison.Ordinal);
        return index < 0 ? -1 : FirstControl + index;
    }

    /// <summary>Whether this is a control character that Latin-1 has where Windows-1252 has a printable one.</summary>
    public static bool IsControl(char character) => character is >= '\u0080' and <= '\u009F';
}
