using System.CommandLine;
using System.Diagnostics;
using DiffBir.Cli.Files;
using DiffBir.Restoration;

namespace DiffBir.Cli.Display;

/// <summary>Shows how a batch of restorations goes on.</summary>
internal abstract class ProgressDisplay : IBatchDisplay<IReadOnlyList<string>>
{
    private readonly Stopwatch _clock = new();

    private protected ProgressDisplay(InvocationConfiguration configuration, int count) =>
        (Output, Error, Count) = (configuration.Output, configuration.Error, count);

    private protected TextWriter Output { get; }

    private protected TextWriter Error { get; }

    /// <summary>All images of the batch.</summary>
    private protected int Count { get; }

    /// <summary>The images before this one, and this one.</summary>
    private protected int Number { get; private set; } = 1;

    /// <summary>The image's path.</summary>
    private protected string Input { get; private set; } = "";

    /// <summary>The display that suits where the output goes: bars on a terminal, lines elsewhere, JSON for programs.</summary>
    public static ProgressDisplay Create(InvocationConfiguration configuration, bool json, int count) =>
        json ? new JsonProgress(configuration, count)
        : Terminal.Is(configuration.Error) ? new BarProgress(configuration, count)
        : new LineProgress(configuration, count);

    /// <summary>Begins an image.</summary>
    public RestorationEvents Begin(BatchItem item)
    {
        Input = item.Input.Path;
        _clock.Restart();
        OnBegin();
        return new RestorationEvents { OnProgress = Show, OnDecision = Tell };
    }

    /// <summary>Ends an image, whether it was begun or not.</summary>
    public void Report(BatchResult<IReadOnlyList<string>> result)
    {
        OnEnd(result, _clock.Elapsed);
        Number++;
    }

    /// <inheritdoc/>
    public virtual void Conclude(int failed, int all) => FailureCount.Write(failed, all, "photos were not restored", Error);

    private protected abstract void OnBegin();

    private protected abstract void Show(RestorationProgress progress);

    private protected abstract void Tell(string decision);

    /// <summary>For people: results where results go, failures where failures go.</summary>
    private protected virtual void OnEnd(BatchResult<IReadOnlyList<string>> result, TimeSpan elapsed)
    {
        var input = result.Item.Input.Path;
        if (result.Failure is { } failure)
        {
            Error.WriteLine(Printable.Line($"{input}: {failure}"));
        }
        else if (result.IsSkipped)
        {
            Output.WriteLine(Printable.Line($"{input}: done before"));
        }
        else
        {
            Output.WriteLine(Printable.Line($"{input} -> {string.Join(", ", result.Value!)} ({Terminal.Duration(elapsed)})"));
        }
    }

    /// <summary>What is done, for people, and with which of several faces.</summary>
    private protected static string Name(RestorationProgress progress) =>
        progress switch
        {
            { Face: > 0 } => $"face {progress.Face}/{progress.Faces}: {Name(progress.Stage)}",
            { Faces: > 0 } => $"background: {Name(progress.Stage)}",
            _ => Name(progress.Stage),
        };

    private protected static string Name(RestorationStage stage) =>
        stage switch
        {
            RestorationStage.RemovingDegradation => "removing degradation",
            RestorationStage.Encoding => "encoding",
            RestorationStage.Sampling => "regenerating detail",
            RestorationStage.Decoding => "decoding",
            RestorationStage.Finishing => "finishing",
            _ => throw new ArgumentOutOfRangeException(nameof(stage), stage, message: null),
        };
}

/// <summary>Plain lines: one for each part of the work and each result.</summary>
internal sealed class LineProgress(InvocationConfiguration configuration, int count) : ProgressDisplay(configuration, count)
{
    private protected override void OnBegin() => Error.WriteLine(Printable.Line($"[{Number}/{Count}] {Input}"));

    private protected override void Show(RestorationProgress progress)
    {
        if (progress.Step == 0)
        {
            Error.WriteLine($"  {Name(progress)} ...");
        }
    }

    private protected override void Tell(string decision) => Error.WriteLine($"  {decision}");
}

/// <summary>One line of JSON for each event.</summary>
internal sealed class JsonProgress(InvocationConfiguration configuration, int count) : ProgressDisplay(configuration, count)
{
    /// <summary>Programs count for themselves.</summary>
    public override void Conclude(int failed, int all) { }

    private protected override void OnBegin() =>
        Write(
            new
            {
                Event = "begin",
                Input,
                Number,
                Count,
            }
        );

    private protected override void Show(RestorationProgress progress) =>
        Write(
            new
            {
                Event = "progress",
                Input,
                Stage = Name(progress.Stage),
                progress.Step,
                progress.Steps,
                Face = progress.Faces > 0 ? progress.Face : (int?)null,
                Faces = progress.Faces > 0 ? progress.Faces : (int?)null,
            }
        );

    private protected override void Tell(string decision) =>
        Write(
            new
            {
                Event = "decision",
                Input,
                Text = decision,
            }
        );

    private protected override void OnEnd(BatchResult<IReadOnlyList<string>> result, TimeSpan elapsed) =>
        Write(
            new
            {
                Event = result.Failure is not null ? "failed"
                : result.IsSkipped ? "skipped"
                : "restored",
                Input = result.Item.Input.Path,
                Outputs = result.Value,
                Error = result.Failure,
            }
        );

    private void Write<T>(T line) => JsonLines.Write(Output, line);
}
