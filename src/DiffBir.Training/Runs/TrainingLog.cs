using System.Globalization;
using System.Text.Json;

namespace DiffBir.Training.Runs;

/// <summary>Where a run's metrics go: lines for people, <c>metrics.jsonl</c> for programs, events and pictures for TensorBoard.</summary>
/// <param name="run">The run's folder.</param>
/// <param name="lines">Receives the lines.</param>
/// <param name="time">Dates events.</param>
/// <param name="terminal">The terminal that the lines are seen on, whose last one may change; null where there is none.</param>
internal sealed class TrainingLog(RunDirectory run, TextWriter lines, TimeProvider time, TextWriter? terminal = null)
    : IDisposable
{
    private const string StartOfLine = "\r";
    private const string ClearToEnd = "\u001b[K";

    private readonly EventFile _events = run.Write(() => new EventFile(run.Path, time));
    private bool _showsProgress;

    /// <summary>Writes a line; may be called from any thread.</summary>
    public void Say(string line)
    {
        lock (lines)
        {
            if (_showsProgress)
            {
                terminal!.Write(StartOfLine + ClearToEnd);
                _showsProgress = false;
            }

            lines.WriteLine(line);
            lines.Flush();
        }
    }

    /// <summary>Shows how far the run is, on a terminal's last line; elsewhere nothing.</summary>
    public void Progress(string text)
    {
        if (terminal is null)
        {
            return;
        }

        lock (lines)
        {
            terminal.Write(StartOfLine + text + ClearToEnd);
            terminal.Flush();
            _showsProgress = true;
        }
    }

    /// <summary>Writes metrics.</summary>
    /// <param name="group">What they are about: <c>train</c> or <c>validation</c>.</param>
    /// <param name="step">The step.</param>
    /// <param name="metrics">The metrics by name.</param>
    /// <param name="remark">More for people.</param>
    /// <exception cref="DiffBirException">The run's folder cannot be written.</exception>
    public void Metrics(string group, long step, IReadOnlyDictionary<string, double> metrics, string remark = "")
    {
        run.Write(() =>
        {
            foreach (var (name, value) in metrics)
            {
                _events.Scalar($"{group}/{name}", step, value);
            }

            File.AppendAllText(run.MetricsFile, Json(group, step, metrics) + "\n");
        });
        var text = string.Join("  ", metrics.Select(pair => $"{pair.Key} {Short(pair.Value)}"));
        Say($"{group} step {step}: {text}{(remark.Length > 0 ? "  " : "")}{remark}");
    }

    /// <summary>Writes pictures.</summary>
    /// <param name="step">The step.</param>
    /// <param name="pictures">Rows of pictures of one size, each [1, 3, H, W] in [0, 1].</param>
    /// <exception cref="DiffBirException">The run's folder cannot be written.</exception>
    public void Pictures(long step, IReadOnlyList<IReadOnlyList<Tensor>> pictures)
    {
        if (pictures.Count == 0)
        {
            return;
        }

        var sheet = ContactSheet.Of(pictures);
        run.Write(() =>
        {
            File.WriteAllBytes(run.SampleFile(step), sheet.Png);
            _events.Picture("validation/pictures", step, sheet.Png, sheet.Height, sheet.Width);
        });
    }

    /// <inheritdoc/>
    public void Dispose() => _events.Dispose();

    private static string Json(string group, long step, IReadOnlyDictionary<string, double> metrics)
    {
        var values = new Dictionary<string, object> { ["group"] = group, ["step"] = step };
        foreach (var (name, value) in metrics)
        {
            values[name] = value;
        }

        return JsonSerializer.Serialize(values);
    }

    private static string Short(double value) => value.ToString("G5", CultureInfo.InvariantCulture);
}
