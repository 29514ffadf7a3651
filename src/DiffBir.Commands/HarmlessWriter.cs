using System.Text;

namespace DiffBir.Commands;

/// <summary>Passes text on without the characters that would steer a terminal: names of files and what files say reach it in many places.</summary>
/// <param name="inner">Where the text goes.</param>
internal sealed class HarmlessWriter(TextWriter inner) : TextWriter
{
    /// <summary>Where the text goes, for those who mean to steer it.</summary>
    public TextWriter Inner => inner;

    /// <summary>What a writer writes to in the end: a terminal itself, which takes what moves the cursor.</summary>
    public static TextWriter InnerOf(TextWriter writer) => writer is HarmlessWriter harmless ? harmless.Inner : writer;

    /// <inheritdoc/>
    public override Encoding Encoding => inner.Encoding;

    /// <inheritdoc/>
    public override void Write(char value) =>
        // Half of a pair is judged by nobody; both halves pass.
        inner.Write(char.IsSurrogate(value) ? $"{value}" : Printable.Lines($"{value}"));

    /// <inheritdoc/>
    public override void Write(char[] buffer, int index, int count) => Write(new string(buffer, index, count));

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<char> buffer) => Write(buffer.ToString());

    /// <inheritdoc/>
    public override void Write(string? value) => inner.Write(Printable.Lines(value ?? ""));

    /// <inheritdoc/>
    public override void WriteLine() => inner.WriteLine();

    /// <inheritdoc/>
    public override void WriteLine(string? value) => inner.WriteLine(Printable.Lines(value ?? ""));

    /// <inheritdoc/>
    public override void Flush() => inner.Flush();
}
