using System.CommandLine;
using DiffBir.Cli.Files;
using DiffBir.Restoration;
using Spectre.Console;

namespace DiffBir.Cli.Display;

/// <summary>One view at the bottom of a terminal for the whole batch, drawn anew as the work goes on, and a table at its end.</summary>
/// <param name="configuration">Where results and failures go.</param>
/// <param name="photos">The photos of the batch.</param>
/// <param name="console">The terminal.</param>
/// <param name="time">The clock.</param>
internal sealed class LiveProgress(
    InvocationConfiguration configuration,
    BatchSize photos,
    IAnsiConsole console,
    TimeProvider time
) : ProgressDisplay(configuration, photos, time)
{
    private static readonly TimeSpan Redraw = TimeSpan.FromMilliseconds(100);

    // The timer looks while the work goes on. Never held while something is drawn.
    private readonly Lock _lock = new();
    private readonly BatchClock _clock = new(photos.Remaining, time);
    private readonly HashSet<string> _told = new(StringComparer.Ordinal);
    private readonly List<string> _failures = [];
    private LiveDisplayContext? _view;
    private BatchResult<RestoredPhoto>? _only;
    private TimeSpan _onlyElapsed;
    private string _phase = "";

    /// <inheritdoc/>
    public override int Run(Func<int> batch)
    {
        try
        {
            return console
                .Live(new BatchView(Look))
                .AutoClear(true)
                .Start(view =>
                {
                    _view = view;
                    using var timer = Time.CreateTimer(_ => view.Refresh(), null, Redraw, Redraw);
                    return batch();
                });
        }
        finally
        {
            End();
        }
    }

    /// <inheritdoc/>
    public override void Plan(Func<int, RestorationWork> work)
    {
        lock (_lock)
        {
            _clock.Plan(work);
        }
    }

    /// <summary>Nothing: what there is to say is said below the view, when that is gone.</summary>
    public override void Conclude(int failed, int all) { }

    private protected override void OnBegin()
    {
        lock (_lock)
        {
            _phase = "reading";
            _clock.Begin();
        }

        _view?.Refresh();
    }

    private protected override void Show(RestorationProgress progress)
    {
        lock (_lock)
        {
            _phase = progress.Steps > 1 ? $"{Name(progress)} {progress.Step}/{progress.Steps}" : Name(progress);
            _clock.After(progress);
        }

        _view?.Refresh();
    }

    /// <summary>Says what is worth knowing, and of many photos once.</summary>
    private protected override void Tell(string decision)
    {
        if (_told.Add(decision))
        {
            console.Write(
                new Text(Printable.Line($"{Path.GetFileName(Input)}: {decision}"), new Style(decoration: Decoration.Dim))
            );
            console.WriteLine();
        }
    }

    private protected override void OnEnd(BatchResult<RestoredPhoto> result, TimeSpan elapsed)
    {
        lock (_lock)
        {
            _clock.End(result.Value is not null);
            if (result.Failure is { } failure)
            {
                _failures.Add(FailureText.Of(result.Item.Input.Path, failure));
            }
        }

        if (Count == 1)
        {
            (_only, _onlyElapsed) = (result, elapsed);
        }
        else if (!Terminal.IsOutput(Output) && result.Failure is null)
        {
            base.OnEnd(result, elapsed);
        }
    }

    private BatchSnapshot Look()
    {
        lock (_lock)
        {
            var photo = Printable.Line(Path.GetFileName(Input));
            return new(
                Math.Min(Number, Count),
                Summary.Handled,
                Count,
                photo,
                _phase,
                _clock.Now(),
                ElapsedOfPhoto,
                [.. _failures]
            );
        }
    }

    private void End()
    {
        if (_only is { } result)
        {
            base.OnEnd(result, _onlyElapsed);
        }
        else if (Summary.Handled > 0)
        {
            console.Write(new Rows(SummaryText.Table(Summary, Elapsed)));
        }
    }
}
