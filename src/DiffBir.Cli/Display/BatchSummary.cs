using DiffBir.Cli.Files;

namespace DiffBir.Cli.Display;

/// <summary>A photo that was restored.</summary>
/// <param name="Outputs">Its results' files, one for each sample.</param>
/// <param name="Pixels">The pixels of all of them.</param>
internal sealed record RestoredPhoto(IReadOnlyList<string> Outputs, long Pixels);

/// <summary>What became of a batch so far.</summary>
/// <param name="all">All photos of the batch.</param>
internal sealed class BatchSummary(int all)
{
    private const double PixelsPerMegapixel = 1e6;

    private readonly List<(string Input, string Problem)> _failures = [];
    private long _pixels;
    private TimeSpan _restoring;

    /// <summary>Photos that were restored.</summary>
    public int Restored { get; private set; }

    /// <summary>Photos that were passed over, because their results were there.</summary>
    public int PassedOver { get; private set; }

    /// <summary>Photos that failed, each with what went wrong in a sentence.</summary>
    public IReadOnlyList<(string Input, string Problem)> Failures => _failures;

    /// <summary>Photos that came to an end, whatever it was.</summary>
    public int Handled => Restored + PassedOver + Failures.Count;

    /// <summary>Photos that were not begun or not finished, because the batch was stopped.</summary>
    public int Left => all - Handled;

    /// <summary>Megapixels of results for each minute of restoring; null where nothing was restored.</summary>
    public double? MegapixelsPerMinute =>
        _pixels > 0 && _restoring > TimeSpan.Zero ? _pixels / PixelsPerMegapixel / _restoring.TotalMinutes : null;

    /// <summary>Counts a photo.</summary>
    /// <param name="result">What became of it.</param>
    /// <param name="elapsed">How long it took.</param>
    public void Add(BatchResult<RestoredPhoto> result, TimeSpan elapsed)
    {
        if (result.Failure is { } problem)
        {
            _failures.Add((result.Item.Input.Path, problem));
        }
        else if (result.Value is { } restored)
        {
            Restored++;
            _pixels += restored.Pixels;
            _restoring += elapsed;
        }
        else
        {
            PassedOver++;
        }
    }
}
