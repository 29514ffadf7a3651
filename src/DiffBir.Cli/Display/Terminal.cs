using Spectre.Console;

namespace DiffBir.Cli.Display;

/// <summary>One line at the bottom of a terminal that is drawn again and again.</summary>
/// <param name="output">The terminal.</param>
internal sealed class Terminal(TextWriter output)
{
    private readonly TextWriter _raw = HarmlessWriter.InnerOf(output);

    private const int BarWidth = 28;
    private const int StepsPerSecond = 10;
    private const string ClearLine = "\r\u001b[2K";

    /// <summary>Whether a writer shows on a terminal, where lines can be drawn again.</summary>
    public static bool Is(TextWriter output) =>
        !Console.IsErrorRedirected && ReferenceEquals(HarmlessWriter.InnerOf(output), Console.Error);

    /// <summary>Whether results reach a terminal.</summary>
    public static bool IsOutput(TextWriter output) =>
        !Console.IsOutputRedirected && ReferenceEquals(HarmlessWriter.InnerOf(output), Console.Out);

    /// <summary>The terminal that a writer shows on; null where it shows on none, or on one that nothing can be drawn on again.</summary>
    public static IAnsiConsole? Open(TextWriter output)
    {
        if (!Is(output))
        {
            return null;
        }

        // What is drawn has been made harmless by those who draw it.
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(HarmlessWriter.InnerOf(output)) });
        return console.Profile.Capabilities is { Ansi: true, Interactive: true } ? console : null;
    }

    /// <summary>A bar that is full at 1.</summary>
    public static string Bar(double done)
    {
        var filled = Math.Clamp((int)(done * BarWidth), 0, BarWidth);
        return new string('█', filled) + new string('░', BarWidth - filled);
    }

    /// <summary>A bar in which something moves: nobody knows how full it is.</summary>
    /// <param name="elapsed">How long it has been moving.</param>
    public static string MovingBar(TimeSpan elapsed)
    {
        const int length = 6;
        var start = ((int)(elapsed.TotalSeconds * StepsPerSecond) % (BarWidth + length)) - length;
        return string.Concat(Enumerable.Range(0, BarWidth).Select(at => at >= start && at < start + length ? '█' : '░'));
    }

    /// <summary>A time as people say it.</summary>
    public static string Duration(TimeSpan time) =>
        time.TotalSeconds < 90 ? $"{time.TotalSeconds:f0} s"
        : time.TotalMinutes < 90 ? $"{time.TotalMinutes:f0} min"
        : $"{time.TotalHours:f1} h";

    /// <summary>Draws the line anew.</summary>
    public void Draw(string line)
    {
        var width = Math.Max(20, Console.WindowWidth - 1);
        _raw.Write(ClearLine + Printable.Line(line.Length > width ? line[..width] : line));
    }

    /// <summary>Removes the line, so that something else can be written.</summary>
    public void Clear() => _raw.Write(ClearLine);
}
