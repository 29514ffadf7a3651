using Spectre.Console;
using Spectre.Console.Rendering;

namespace DiffBir.Cli.Display;

/// <summary>What a live view shows at one moment.</summary>
/// <param name="Number">The photo in work, from 1.</param>
/// <param name="Handled">The photos that came to an end.</param>
/// <param name="Count">All photos of the batch.</param>
/// <param name="Photo">The name of the photo in work.</param>
/// <param name="Phase">What is being done with it.</param>
/// <param name="Estimate">How far it is.</param>
/// <param name="Elapsed">How long it has been in work.</param>
/// <param name="Failures">What went wrong so far, a sentence for each.</param>
internal sealed record BatchSnapshot(
    int Number,
    int Handled,
    int Count,
    string Photo,
    string Phase,
    BatchEstimate Estimate,
    TimeSpan Elapsed,
    IReadOnlyList<string> Failures
);

/// <summary>A batch at work: its bar, the phase of the photo in work below it, and what failed last.</summary>
/// <param name="look">What to show; asked each time that it is drawn.</param>
internal sealed class BatchView(Func<BatchSnapshot> look) : Renderable
{
    private const int WidthOfName = 24;
    private const int FailuresShown = 3;

    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(1);

    /// <inheritdoc/>
    protected override IEnumerable<Segment> Render(RenderOptions options, int maxWidth)
    {
        var now = look();
        List<IRenderable> lines = [];
        if (now.Count > 1)
        {
            var done = (now.Handled + now.Estimate.Photo) / now.Count;
            lines.Add(
                Line(
                    maxWidth,
                    ($"photo {now.Number} of {now.Count}".PadRight(WidthOfName), Style.Plain),
                    (Terminal.Bar(done), new Style(Color.Green)),
                    ($" {Math.Floor(done * 100), 3} %{Left(now.Estimate.LeftOfBatch, " for all")}", Style.Plain)
                )
            );
        }

        lines.Add(
            Line(
                maxWidth,
                (Shorten(now.Photo).PadRight(WidthOfName), Style.Plain),
                (BarOf(now), new Style(Color.Blue)),
                ($"  {now.Phase}{Left(now.Estimate.LeftOfPhoto)}", Style.Plain)
            )
        );
        if (now.Failures.Count > FailuresShown)
        {
            lines.Add(Line(maxWidth, ($"{now.Failures.Count} failed, the last ones:", new Style(Color.Red))));
        }

        lines.AddRange(now.Failures.TakeLast(FailuresShown).Select(failure => Line(maxWidth, (failure, new Style(Color.Red)))));
        return ((IRenderable)new Rows(lines)).Render(options, maxWidth);
    }

    /// <summary>Moves where nothing says how far the photo is.</summary>
    private static string BarOf(BatchSnapshot now) =>
        now.Estimate is { Photo: 0, LeftOfPhoto: null } ? Terminal.MovingBar(now.Elapsed) : Terminal.Bar(now.Estimate.Photo);

    private static string Left(TimeSpan? left, string of = "") =>
        left is not { } known ? ""
        : known < Moment ? ", nearly done"
        : $", about {Terminal.Duration(known)} left{of}";

    /// <summary>The end of a name tells photos apart.</summary>
    private static string Shorten(string name) => name.Length < WidthOfName ? name : $"…{name[^(WidthOfName - 2)..]}";

    private static Paragraph Line(int maxWidth, params ReadOnlySpan<(string Text, Style Style)> parts)
    {
        var line = new Paragraph();
        var room = maxWidth - 1;
        foreach (var (text, style) in parts)
        {
            var shown = text.Length > room ? text[..room] : text;
            line.Append(shown, style);
            room -= shown.Length;
        }

        return line;
    }
}
