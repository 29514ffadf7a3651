namespace DiffBir.Checkpoints;

/// <summary>Makes text from a file fit for a message: short, and without control characters.</summary>
internal static class Printable
{
    private const int Longest = 80;

    public static string Shorten(string text) =>
        string.Create(
            Math.Min(text.Length, Longest),
            text,
            static (target, source) =>
            {
                for (var i = 0; i < target.Length; i++)
                {
                    target[i] = char.IsControl(source[i]) || char.IsSurrogate(source[i]) ? '?' : source[i];
                }
            }
        ) + (text.Length > Longest ? "…" : "");
}
