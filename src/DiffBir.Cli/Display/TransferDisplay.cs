using System.CommandLine;
using DiffBir.Packs;
using DiffBir.Packs.Files;

namespace DiffBir.Cli.Display;

/// <summary>Shows how files come in or are checked: a bar on a terminal, a few lines elsewhere, JSON for programs.</summary>
internal sealed class TransferDisplay(InvocationConfiguration configuration, bool json, string verb, TimeProvider time)
{
    private static readonly TimeSpan Redraw = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Announce = TimeSpan.FromSeconds(10);

    private readonly bool _isTerminal = !json && Terminal.Is(configuration.Error);
    private readonly Terminal _terminal = new(configuration.Error);
    private PackFile? _file;
    private long _began;
    private long _beganWith;
    private long _shown;

    /// <summary>What to pass to the library.</summary>
    public TransferEvents Events => new() { OnProgress = Show, OnNotice = Notice };

    /// <summary>A file is in its place.</summary>
    public void Ready(PulledFile pulled)
    {
        var (file, license) = (pulled.File, pulled.File.License);
        var note = license is null ? "" : $" License: {license}.";
        Say(
            new
            {
                Event = "ready",
                File = file.Name,
                pulled.Path,
                pulled.Sha256,
                pulled.Source,
                License = license,
            },
            pulled.Source is null ? $"{file.Name}: was here already.{note}" : $"{file.Name}: from {pulled.Source}.{note}",
            configuration.Output
        );
    }

    /// <summary>A file was compared with its description.</summary>
    public void Checked(FileCheck check) =>
        Say(
            new
            {
                Event = "checked",
                File = check.File.Name,
                check.Path,
                check.State,
                check.Sha256,
                Error = check.Problem,
            },
            check.Problem
                ?? (
                    check.State == FileState.Sound
                        ? $"{check.File.Name}: sound."
                        : $"{check.File.Name}: {check.Sha256}; no SHA-256 is published or recorded. `diffbir models pull` records this one."
                ),
            check.Problem is null ? configuration.Output : configuration.Error
        );

    /// <summary>A file could not be had or checked.</summary>
    public void Failed(PackFile file, string problem) =>
        Say(
            new
            {
                Event = "failed",
                File = file.Name,
                Error = problem,
            },
            problem,
            configuration.Error
        );

    private void Notice(string text) => Say(new { Event = "notice", Text = text }, text, configuration.Error);

    /// <summary>Says a thing to a program or to a person.</summary>
    private void Say<T>(T line, string text, TextWriter to)
    {
        if (json)
        {
            JsonLines.Write(configuration.Output, line);
            return;
        }

        if (_isTerminal)
        {
            _terminal.Clear();
        }

        to.WriteLine(text);
    }

    private void Show(TransferProgress progress)
    {
        var now = time.GetTimestamp();
        if (!ReferenceEquals(progress.File, _file) || progress.Received < _beganWith)
        {
            (_file, _began, _beganWith, _shown) = (progress.File, now, progress.Received, now);
            return;
        }

        if (time.GetElapsedTime(_shown, now) < (_isTerminal ? Redraw : Announce))
        {
            return;
        }

        _shown = now;
        var text = Describe(progress, time.GetElapsedTime(_began, now));
        if (_isTerminal)
        {
            _terminal.Draw(text);
            return;
        }

        Say(
            new
            {
                Event = "progress",
                File = progress.File.Name,
                progress.Received,
                progress.Total,
            },
            text,
            configuration.Error
        );
    }

    private string Describe(TransferProgress progress, TimeSpan elapsed)
    {
        var rate = (progress.Received - _beganWith) / Math.Max(elapsed.TotalSeconds, 1e-3);
        var speed = $"{rate / 1e6:f1} MB/s";
        if (progress.Total is not { } total)
        {
            return $"{verb} {progress.File.Name}: {progress.Received / 1e6:N0} MB, {speed}";
        }

        var done = (double)progress.Received / total;
        var left = rate > 0 ? $", {Terminal.Duration(TimeSpan.FromSeconds((total - progress.Received) / rate))} left" : "";
        return $"{verb} {progress.File.Name} {Terminal.Bar(done)} {done:P0} of {total / 1e6:N0} MB, {speed}{left}";
    }
}
