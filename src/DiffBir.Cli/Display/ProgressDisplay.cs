using System.CommandLine;
using DiffBir.Cli.Files;
using DiffBir.Restoration;

namespace DiffBir.Cli.Display;

/// <summary>How many photos a batch has.</summary>
/// <param name="All">All of them.</param>
/// <param name="Remaining">Those whose results are not there yet.</param>
internal readonly record struct BatchSize(int All, int Remaining);

/// <summary>Shows how a batch of restorations goes on.</summary>
internal abstract class ProgressDisplay : IBatchDisplay<RestoredPhoto>
{
    private readonly long _start;
    private long _photoStart;

    private protected ProgressDisplay(InvocationConfiguration configuration, BatchSize photos, TimeProvider time)
    {
        (Output, Error, Count, Time) = (configuration.Output, configuration.Error, photos.All, time);
        (Summary, _start) = (new BatchSummary(photos.All), time.GetTimestamp());
        _photoStart = _start;
    }

    private protected TextWriter Output { get; }

    private protected TextWriter Error { get; }

    /// <summary>The clock.</summary>
    private protected TimeProvider Time { get; }

    /// <summary>All images of the batch.</summary>
    private protected int Count { get; }

    /// <summary>The images before this one, and this one.</summary>
    private protected int Number { get; private set; } = 1;

    /// <summary>What became of the images before this one.</summary>
    private protected BatchSummary Summary { get; }

    /// <summary>The time since the batch began.</summary>
    private protected TimeSpan Elapsed => Time.GetElapsedTime(_start);

    /// <summary>The time since the image was begun.</summary>
    private protected TimeSpan ElapsedOfPhoto => Time.GetElapsedTime(_photoStart);

    /// <summary>The image's path.</summary>
    private protected string Input { get; private set; } = "";

    /// <summary>The display that suits where the output goes: a live view on a terminal that can draw one, lines elsewhere, JSON for programs.</summary>
    public static ProgressDisplay Create(InvocationConfiguration configuration, bool json, BatchSize photos, TimeProvider time) =>
        json ? new JsonProgress(configuration, photos, time)
        : Terminal.Open(configuration.Error) is { } terminal ? new LiveProgress(configuration, photos, terminal, time)
        : new LineProgress(configuration, photos, time);

    /// <summary>Runs the batch while it is shown.</summary>
    /// <returns>What <paramref name="batch"/> gives.</returns>
    public virtual int Run(Func<int> batch) => batch();

    /// <summary>Begins an image.</summary>
    public RestorationEvents Begin(BatchItem item)
    {
        Input = item.Input.Path;
        _photoStart = Time.GetTimestamp();
        OnBegin();
        return new RestorationEvents { OnProgress = Show, OnDecision = Tell };
    }

    /// <summary>Learns how much arithmetic the image is.</summary>
    /// <param name="work">Finds out what it is with a number of faces, which takes a moment.</param>
    public virtual void Plan(Func<int, RestorationWork> work) { }

    /// <summary>Ends an image, whether it was begun or not.</summary>
    public void Report(BatchResult<RestoredPhoto> result)
    {
        var elapsed = ElapsedOfPhoto;
        Summary.Add(result, elapsed);
        OnEnd(result, elapsed);
        Number++;
        _photoStart = Time.GetTimestamp();
    }

    /// <inheritdoc/>
    public abstract void Conclude(int failed, int all);

    private protected abstract void OnBegin();

    private protected abstract void Show(RestorationProgress progress);

    private protected abstract void Tell(string decision);

    /// <summary>For people: results where results go, failures where failures go.</summary>
    private protected virtual void OnEnd(BatchResult<RestoredPhoto> result, TimeSpan elapsed)
    {
        var input = result.Item.Input.Path;
        if (result.Failure is { } failure)
        {
            Error.WriteLine(FailureText.Of(input, failure));
        }
        else if (result.IsSkipped)
        {
            Output.WriteLine(Printable.Line($"{input}: done before"));
        }
        else
        {
            Output.WriteLine(
                Printable.Line($"{input} -> {string.Join(", ", result.Value!.Outputs)} ({Terminal.Duration(elapsed)})")
            );
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
internal sealed class LineProgress(InvocationConfiguration configuration, BatchSize photos, TimeProvider time)
    : ProgressDisplay(configuration, photos, time)
{
    /// <inheritdoc/>
    public override void Conclude(int failed, int all)
    {
        if (all > 1 && Summary.Handled > 0)
        {
            Error.WriteLine(SummaryText.Of(Summary, Elapsed));
        }

        FailureCount.Write(failed, all, "photos were not restored", Error);
    }

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
internal sealed class JsonProgress(InvocationConfiguration configuration, BatchSize photos, TimeProvider time)
    : ProgressDisplay(configuration, photos, time)
{
    /// <inheritdoc/>
    public override void Conclude(int failed, int all) =>
        Write(
            new
            {
                Event = "summary",
                Summary.Restored,
                Failed = failed,
                Skipped = Summary.PassedOver,
                Summary.Left,
                Seconds = Math.Round(Elapsed.TotalSeconds, 1),
                MegapixelsPerMinute = Summary.MegapixelsPerMinute is { } rate ? Math.Round(rate, 3) : (double?)null,
                Failures = Summary.Failures.Select(failure => new { failure.Input, Error = failure.Problem }),
            }
        );

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

    private protected override void OnEnd(BatchResult<RestoredPhoto> result, TimeSpan elapsed) =>
        Write(
            new
            {
                Event = result.Failure is not null ? "failed"
                : result.IsSkipped ? "skipped"
                : "restored",
                Input = result.Item.Input.Path,
                result.Value?.Outputs,
                Error = result.Failure,
            }
        );

    private void Write<T>(T line) => JsonLines.Write(Output, line);
}
