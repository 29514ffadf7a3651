using System.Text.Json;

namespace DiffBir.Training.Runs;

/// <summary>What a run wrote down: each metric's values by step.</summary>
internal sealed class RunMetrics
{
    private readonly Dictionary<string, SortedDictionary<long, double>> _curves = [];

    private RunMetrics(string name) => Name = name;

    /// <summary>The run's name: that of its folder.</summary>
    public string Name { get; }

    /// <summary>The metrics that there are, such as <c>validation/psnr</c>, in the order in which they were first written.</summary>
    public IReadOnlyCollection<string> Metrics => _curves.Keys;

    /// <summary>Reads a run, which may still be going on.</summary>
    /// <param name="folder">The run's folder.</param>
    /// <exception cref="DiffBirException">It holds no run, or its metrics cannot be read.</exception>
    public static RunMetrics Read(string folder)
    {
        var file = RunDirectory.MetricsFileOf(folder);
        if (!File.Exists(file))
        {
            throw new DiffBirException($"'{folder}' is no run's folder: it has no {Path.GetFileName(file)}.");
        }

        var run = new RunMetrics(Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder))));
        // What no line's end follows is torn: its run was killed, or writes it just now.
        foreach (var (line, index) in File.ReadAllText(file).Split('\n').SkipLast(1).Select((line, index) => (line, index)))
        {
            if (!run.TryAdd(line))
            {
                throw new DiffBirException($"Line {index + 1} of '{file}' is no line of metrics.");
            }
        }

        return run;
    }

    /// <summary>A metric's values by step; where a step was done again after a resumption, the later value. Empty where the run has none.</summary>
    public IReadOnlyDictionary<long, double> Of(string metric) =>
        _curves.TryGetValue(metric, out var curve) ? curve : new SortedDictionary<long, double>();

    private bool TryAdd(string line)
    {
        JsonElement values;
        try
        {
            values = JsonSerializer.Deserialize<JsonElement>(line);
        }
        catch (JsonException)
        {
            return false;
        }

        if (
            values.ValueKind != JsonValueKind.Object
            || !values.TryGetProperty("group", out var group)
            || !values.TryGetProperty("step", out var step)
            || !step.TryGetInt64(out var number)
        )
        {
            return false;
        }

        foreach (var value in values.EnumerateObject().Where(value => value.Name is not ("group" or "step")))
        {
            if (value.Value.ValueKind == JsonValueKind.Number)
            {
                var metric = $"{group.GetString()}/{value.Name}";
                _curves.TryAdd(metric, []);
                _curves[metric][number] = value.Value.GetDouble();
            }
        }

        return true;
    }
}
