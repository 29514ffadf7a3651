using System.CommandLine;
using System.Diagnostics;
using Spectre.Console;

namespace DiffBir.Cli;

/// <summary>A line on the terminal that is drawn anew as the work goes on.</summary>
internal sealed class BarProgress(InvocationConfiguration configuration, int count)
    : ProgressDisplay(configuration, count)
{
    private const int BarWidth = 28;
    private const string ClearLine = "\r\u001b[2K";

    private readonly Stopwatch _image = new();
    private readonly Stopwatch _stage = new();

    public override void Report(BatchResult<IReadOnlyList<string>> result)
    {
        Error.Write(ClearLine);
        if (result.Failure is { } failure)
        {
            Error.WriteLine($"{result.Item.Input.Path}: {failure}");
            return;
        }

        Output.WriteLine(
            $"{result.Item.Input.Path} -> {string.Join(", ", result.Value!)} ({_image.Elapsed.TotalSeconds:f1} s)"
        );
    }

    private protected override void OnBegin() => _image.Restart();

    private protected override void Show(RestorationProgress progress)
    {
        if (progress.Step == 0)
        {
            _stage.Restart();
        }

        var done = (double)progress.Step / progress.Steps;
        var filled = (int)(done * BarWidth);
        var left = progress.Step is 0 ? "" : $", {Left(done)} left";
        var line =
            $"[{Number}/{Count}] {Name(progress.Stage)} {new string('█', filled)}{new string('░', BarWidth - filled)} {progress.Step}/{progress.Steps}{left}";
        var width = Math.Max(20, AnsiConsole.Profile.Width - 1);
        Error.Write(ClearLine + (line.Length > width ? line[..width] : line));
    }

    private protected override void Tell(string decision)
    {
        Error.Write(ClearLine);
        Error.WriteLine(decision);
    }

    private string Left(double done)
    {
        var seconds = _stage.Elapsed.TotalSeconds * (1 - done) / done;
        return seconds < 90 ? $"{seconds:f0} s" : $"{seconds / 60:f0} min";
    }
}
