namespace DiffBir.Training.Tasks;

/// <summary>Averages metrics by name.</summary>
internal sealed class MetricAverages
{
    private readonly SortedDictionary<string, (double Sum, int Count)> _sums = new(StringComparer.Ordinal);

    /// <summary>The averages so far.</summary>
    public IReadOnlyDictionary<string, double> Averages =>
        _sums.ToDictionary(pair => pair.Key, pair => pair.Value.Sum / pair.Value.Count);

    /// <summary>Takes in one value.</summary>
    public void Add(string name, double value)
    {
        var (sum, count) = _sums.GetValueOrDefault(name);
        _sums[name] = (sum + value, count + 1);
    }

    /// <summary>Starts anew.</summary>
    public void Clear() => _sums.Clear();
}
