using DiffBir.Restoration;

namespace DiffBir.Cli.Display;

/// <summary>How far the photo in work is, and how long it and the whole batch will still take.</summary>
/// <param name="Photo">The share of the photo that is done, 0 … 1.</param>
/// <param name="LeftOfPhoto">How long the photo will still take; null until that is known.</param>
/// <param name="LeftOfBatch">How long all photos will still take; null until that is known.</param>
internal readonly record struct BatchEstimate(double Photo, TimeSpan? LeftOfPhoto, TimeSpan? LeftOfBatch);

/// <summary>Estimates a batch's time: that of the photo in work by its arithmetic, that of the others by the photos before.</summary>
/// <param name="remaining">The photos that are not done yet.</param>
/// <param name="time">The clock.</param>
internal sealed class BatchClock(int remaining, TimeProvider time)
{
    private readonly MeasuredSpeeds _speeds = new();
    private RemainingTime? _photo;
    private long _began;
    private bool _isAtWork;
    private int _handled;
    private int _timed;
    private TimeSpan _timedTotal;

    /// <summary>Begins a photo.</summary>
    public void Begin() => (_photo, _began, _isAtWork) = (null, time.GetTimestamp(), true);

    /// <summary>Learns how much arithmetic the photo is.</summary>
    /// <param name="work">What it is with a number of faces.</param>
    public void Plan(Func<int, RestorationWork> work) => _photo = new RemainingTime(work, _speeds, time);

    /// <summary>Hears of a step.</summary>
    public void After(RestorationProgress progress) => _photo?.After(progress);

    /// <summary>Ends a photo.</summary>
    /// <param name="wasRestored">Whether its time says something about others.</param>
    public void End(bool wasRestored)
    {
        if (!_isAtWork)
        {
            return; // passed over
        }

        _isAtWork = false;
        _handled++;
        if (wasRestored)
        {
            _photo?.EndStage();
            _timed++;
            _timedTotal += time.GetElapsedTime(_began);
        }
    }

    /// <summary>What is known now.</summary>
    public BatchEstimate Now()
    {
        var others = Math.Max(0, remaining - _handled - (_isAtWork ? 1 : 0));
        TimeSpan? usual = _timed > 0 ? _timedTotal / _timed : null;
        if (!_isAtWork)
        {
            return new BatchEstimate(0, null, usual * others);
        }

        var elapsed = time.GetElapsedTime(_began);
        var (share, seconds) = _photo?.Now() ?? new WorkEstimate(0, null);
        var left = seconds is { } known ? TimeSpan.FromSeconds(known) : Positive(usual - elapsed);
        // A photo counts as those before it as soon as it is known how long it takes.
        var each = left is null ? usual : (_timedTotal + elapsed + left) / (_timed + 1);
        return new BatchEstimate(share, left, left + (each * others));
    }

    private static TimeSpan? Positive(TimeSpan? span) => span < TimeSpan.Zero ? TimeSpan.Zero : span;
}
