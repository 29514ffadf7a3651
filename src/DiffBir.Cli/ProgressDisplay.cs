using System.CommandLine;
using System.Diagnostics;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace DiffBir.Cli;

/// <summary>Shows how a batch of restorations goes on.</summary>
internal abstract class ProgressDisplay : IDisposable
{
    private protected ProgressDisplay(InvocationConfiguration configuration, int count) =>
        (Output, Error, Count) = (configuration.Output, configuration.Error, count);

    private protected TextWriter Output { get; }

    private protected TextWriter Error { get; }

    private protected int Count { get; }

    private protected int Number { get; private set; }

    private protected string Input { get; private set; } = "";

    /// <summary>The display that suits where the output goes: bars on a terminal, lines elsewhere, JSON for programs.</summary>
    public static ProgressDisplay Create(
        InvocationConfiguration configuration,
        bool json,
        int count
    ) =>
        json ? new JsonProgress(configuration, count)
        : IsTerminal(configuration) ? new BarProgress(configuration, count)
        : new LineProgress(configuration, count);

    /// <summary>Begins an image.</summary>
    public RestorationEvents Begin(BatchItem item)
    {
        Number++;
        Input = item.Input.Path;
        OnBegin();
        return new RestorationEvents { OnProgress = Show, OnDecision = Tell };
    }

    /// <summary>Ends an image.</summary>
    public abstract void Report(BatchResult<IReadOnlyList<string>> result);

    /// <inheritdoc/>
    public virtual void Dispose() { }

    private protected abstract void OnBegin();

    private protected abstract void Show(RestorationProgress progress);

    private protected abstract void Tell(string decision);

    private protected static string Name(RestorationStage stage) =>
        stage switch
        {
            RestorationStage.RemovingDegradation => "removing degradation",
            RestorationStage.Encoding => "encoding",
            RestorationStage.Sampling => "regenerating detail",
            RestorationStage.Decoding => "decoding",
            _ => "finishing",
        };

    private static bool IsTerminal(InvocationConfiguration configuration) =>
        !Console.IsErrorRedirected && ReferenceEquals(configuration.Error, Console.Error);
}

/// <summary>Plain lines: one for each part of the work and each result.</summary>
internal sealed class LineProgress(InvocationConfiguration configuration, int count)
    : ProgressDisplay(configuration, count)
{
    private readonly Stopwatch _clock = new();

    public override void Report(BatchResult<IReadOnlyList<string>> result)
    {
        if (result.Failure is { } failure)
        {
            Error.WriteLine($"{result.Item.Input.Path}: {failure}");
            return;
        }

        Output.WriteLine(
            $"{result.Item.Input.Path} -> {string.Join(", ", result.Value!)} ({_clock.Elapsed.TotalSeconds:f1} s)"
        );
    }

    private protected override void OnBegin()
    {
        _clock.Restart();
        Error.WriteLine($"[{Number}/{Count}] {Input}");
    }

    private protected override void Show(RestorationProgress progress)
    {
        if (progress.Step == 0)
        {
            Error.WriteLine($"  {Name(progress.Stage)} ...");
        }
    }

    private protected override void Tell(string decision) => Error.WriteLine($"  {decision}");
}

/// <summary>One line of JSON for each event.</summary>
internal sealed class JsonProgress(InvocationConfiguration configuration, int count)
    : ProgressDisplay(configuration, count)
{
    private static readonly JsonSerializerOptions Options = new()
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
    };

    public override void Report(BatchResult<IReadOnlyList<string>> result) =>
        Write(
            new
            {
                Event = result.Failure is null ? "restored" : "failed",
                Input = result.Item.Input.Path,
                Outputs = result.Value,
                Error = result.Failure,
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

    private void Write<T>(T line) => Output.WriteLine(JsonSerializer.Serialize(line, Options));
}
