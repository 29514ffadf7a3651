using System.Globalization;
using System.Text.Json;
using DiffBir.Training.Tasks;

namespace DiffBir.Training.Runs;

/// <summary>Where a run's figures go: lines for people, <c>metrics.jsonl</c> for programs, events and pictures for TensorBoard.</summary>
internal sealed class TrainingLog(RunDirectory run, TextWriter lines, TimeProvider time) : IDisposable
{
    private readonly EventFile _events = new(run.Path, time);

    /// <summary>Writes a line; may be called from any thread.</summary>
    public void Say(string line)
    {
        lock (lines)
        {
            lines.WriteLine(line);
            lines.Flush();
        }
    }

    /// <summary>Writes figures.</summary>
    /// <param name="group">What they are about: <c>train</c> or <c>validation</c>.</param>
    /// <param name="step">The step.</param>
    /// <param name="figures">The figures by name.</param>
    /// <param name="remark">More for people.</param>
    public void Figures(string group, long step, IReadOnlyDictionary<string, double> figures, string remark = "")
    {
        foreach (var (name, value) in figures)
        {
            _events.Scalar($"{group}/{name}", step, value);
        }

        _events.Flush();
        File.AppendAllText(run.In("metrics.jsonl"), Json(group, step, figures) + "\n");
        var text = string.Join("  ", figures.Select(pair => $"{pair.Key} {Short(pair.Value)}"));
        Say($"{group} step {step}: {text}{(remark.Length > 0 ? "  " : "")}{remark}");
    }

    /// <summary>Writes pictures.</summary>
    public void Pictures(long step, Judgement judgement)
    {
        if (judgement.Pictures.Count == 0)
        {
            return;
        }

        var sheet = ContactSheet.Of(judgement.Pictures);
        File.WriteAllBytes(run.SampleFile(step), sheet.Png);
        _events.Picture("validation/pictures", step, sheet.Png, sheet.Height, sheet.Width);
        _events.Flush();
    }

    /// <inheritdoc/>
    public void Dispose() => _events.Dispose();

    private static string Json(string group, long step, IReadOnlyDictionary<string, double> figures)
    {
        var values = new Dictionary<string, object> { ["group"] = group, ["step"] = step };
        foreach (var (name, value) in figures)
        {
            values[name] = value;
        }

        return JsonSerializer.Serialize(values);
    }

    private static string Short(double value) => value.ToString("G5", CultureInfo.InvariantCulture);
}
