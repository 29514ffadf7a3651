using System.CommandLine;
using DiffBir.Cli.Files;

namespace DiffBir.Cli.Display;

/// <summary>What would become of a photo.</summary>
internal readonly record struct PlannedPhoto
{
    /// <summary>Whether its results are there.</summary>
    public bool IsDone { get; init; }

    /// <summary>Why it would fail, in a sentence; null where nothing is known against it.</summary>
    public string? Problem { get; init; }

    /// <summary>Its size in pixels.</summary>
    public (int Width, int Height) Input { get; init; }

    /// <summary>The result's size in pixels.</summary>
    public (int Width, int Height) Output { get; init; }

    /// <summary>How long it would take; null where that is not known.</summary>
    public TimeSpan? Time { get; init; }
}

/// <summary>Says what a batch would do: a line for each photo and one for all, or JSON for programs.</summary>
internal sealed class DryRunDisplay(InvocationConfiguration configuration, bool json)
{
    private int _planned;
    private int _done;
    private int _failed;
    private TimeSpan _time;

    /// <summary>Says what would become of a photo.</summary>
    public void Report(BatchItem item, PlannedPhoto photo)
    {
        _done += photo.IsDone ? 1 : 0;
        _failed += photo.Problem is null ? 0 : 1;
        _planned += photo is { IsDone: false, Problem: null } ? 1 : 0;
        _time += photo.Time ?? TimeSpan.Zero;
        if (json)
        {
            WriteJson(item, photo);
        }
        else if (photo.Problem is { } problem)
        {
            configuration.Error.WriteLine(FailureText.Of(item.Input.Path, problem));
        }
        else
        {
            configuration.Output.WriteLine(Printable.Line($"{item.Input.Path}{Text(item, photo)}"));
        }
    }

    /// <summary>Says what would become of all.</summary>
    /// <param name="isTimed">Whether a rate was measured.</param>
    /// <returns>How many would fail.</returns>
    public int Conclude(bool isTimed)
    {
        if (json)
        {
            JsonLines.Write(
                configuration.Output,
                new
                {
                    Event = "plan",
                    Planned = _planned,
                    Failed = _failed,
                    Skipped = _done,
                    Seconds = isTimed ? Math.Round(_time.TotalSeconds, 1) : (double?)null,
                }
            );
            return _failed;
        }

        var duration = isTimed
            ? $"about {Terminal.Duration(_time)}, if all goes as fast as stage 1 just did with a small picture; the first photos will tell better"
            : "nobody knows how long that takes before the first photo is done";
        configuration.Output.WriteLine(
            $"To restore: {_planned}, done before: {_done}, would fail: {_failed}; {duration}. Nothing was done."
        );
        return _failed;
    }

    private static string Text(BatchItem item, PlannedPhoto photo) =>
        photo.IsDone
            ? ": done before"
            : $" ({photo.Input.Width}x{photo.Input.Height}) -> {string.Join(", ", Outputs(item))} ({photo.Output.Width}x{photo.Output.Height}){(photo.Time is { } time ? $", about {Terminal.Duration(time)}" : "")}";

    private static IReadOnlyList<string> Outputs(BatchItem item) => item.IsStreamed ? [StandardStreams.Name] : item.Outputs;

    private void WriteJson(BatchItem item, PlannedPhoto photo)
    {
        var isPlanned = photo is { IsDone: false, Problem: null };
        JsonLines.Write(
            configuration.Output,
            new
            {
                Event = photo.Problem is not null ? "failed"
                : photo.IsDone ? "skipped"
                : "planned",
                Input = item.Input.Path,
                Outputs = isPlanned ? Outputs(item) : null,
                Width = isPlanned ? photo.Output.Width : (int?)null,
                Height = isPlanned ? photo.Output.Height : (int?)null,
                Seconds = photo.Time is { } time ? Math.Round(time.TotalSeconds, 1) : (double?)null,
                Error = photo.Problem,
            }
        );
    }
}
