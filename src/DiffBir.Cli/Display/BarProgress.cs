using System.CommandLine;
using System.Diagnostics;
using DiffBir.Cli.Files;
using DiffBir.Restoration;

namespace DiffBir.Cli.Display;

/// <summary>A line on the terminal that is drawn anew as the work goes on.</summary>
internal sealed class BarProgress(InvocationConfiguration configuration, int count) : ProgressDisplay(configuration, count)
{
    private readonly Terminal _terminal = new(configuration.Error);
    private readonly Stopwatch _stage = new();

    private protected override void OnBegin() => _terminal.Draw($"[{Number}/{Count}] reading {Input}");

    private protected override void Show(RestorationProgress progress)
    {
        if (progress.Step == 0)
        {
            _stage.Restart();
        }

        var done = (double)progress.Step / progress.Steps;
        var left = progress.Step == 0 ? "" : $", {Terminal.Duration(_stage.Elapsed * ((1 - done) / done))} left";
        _terminal.Draw($"[{Number}/{Count}] {Name(progress)} {Terminal.Bar(done)} {progress.Step}/{progress.Steps}{left}");
    }

    private protected override void Tell(string decision)
    {
        _terminal.Clear();
        Error.WriteLine(decision);
    }

    private protected override void OnEnd(BatchResult<IReadOnlyList<string>> result, TimeSpan elapsed)
    {
        _terminal.Clear();
        base.OnEnd(result, elapsed);
    }
}
