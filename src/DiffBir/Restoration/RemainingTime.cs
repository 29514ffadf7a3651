namespace DiffBir.Restoration;

/// <summary>How far a restoration is.</summary>
/// <param name="Fraction">The share of the whole work that is done, 0 … 1.</param>
/// <param name="SecondsLeft">How long it will still take; null until that is known.</param>
internal readonly record struct WorkEstimate(double Fraction, double? SecondsLeft);

/// <summary>How far a photo is and how long it will still take: by arithmetic at first, by the measured time of its own steps as soon as there are some.</summary>
/// <param name="work">How much the parts are, with a number of faces.</param>
/// <param name="speeds">How fast earlier photos were.</param>
/// <param name="time">The clock.</param>
internal sealed class RemainingTime(Func<int, RestorationWork> work, MeasuredSpeeds speeds, TimeProvider time)
{
    /// <summary>A step that takes longer than it should is never shown as done.</summary>
    private const double MaxShareOfStep = 0.95;

    private readonly long _start = time.GetTimestamp();
    private RestorationWork _work = work(0);
    private int _faces;
    private (RestorationStage Stage, int Face)? _part;
    private long _stageStart;
    private long _firstStepEnd;
    private double _fraction;
    private RestorationProgress _latest;
    private long _latestAt;
    private double? _leftAtLatest;

    /// <summary>How far it is when a step is done.</summary>
    public WorkEstimate After(RestorationProgress progress)
    {
        if (_faces != progress.Faces)
        {
            // How many faces a photo has is known when they are found.
            (_faces, _work) = (progress.Faces, work(progress.Faces));
        }

        if (_part != (progress.Stage, progress.Face))
        {
            EndStage();
            (_part, _stageStart) = ((progress.Stage, progress.Face), time.GetTimestamp());
        }

        if (progress.Step == 1)
        {
            _firstStepEnd = time.GetTimestamp();
        }

        var share = progress.Step / (double)Math.Max(1, progress.Steps);
        (_latest, _latestAt) = (progress, time.GetTimestamp());
        _leftAtLatest = SecondsLeft(progress, share);
        _fraction = Math.Max(_fraction, FractionAt(progress.Stage, progress.Face, share));
        return new WorkEstimate(_fraction, Rounded(_leftAtLatest));
    }

    /// <summary>How far it is now, in the middle of a step: by the rate that was measured, if any was.</summary>
    public WorkEstimate Now()
    {
        if (_part is not var (stage, face))
        {
            return new WorkEstimate(_fraction, null);
        }

        var since = time.GetElapsedTime(_latestAt).TotalSeconds;
        var stepsLeft = _latest.Steps - _latest.Step;
        if (stepsLeft > 0 && LeftOfStage(_latest, _latest.Step / (double)_latest.Steps, _latestAt) is > 0 and var left)
        {
            var ofStep = Math.Min(MaxShareOfStep, since * stepsLeft / left);
            _fraction = Math.Max(_fraction, FractionAt(stage, face, (_latest.Step + ofStep) / _latest.Steps));
        }

        return new WorkEstimate(_fraction, Rounded(_leftAtLatest - since));
    }

    /// <summary>The work is done.</summary>
    public void EndStage()
    {
        if (_part is var (stage, face))
        {
            var seconds = time.GetElapsedTime(_stageStart).TotalSeconds;
            speeds.Add(stage, _work.Of(stage, face), seconds);
        }

        _part = null;
    }

    private static double? Rounded(double? seconds) => seconds is { } left ? Math.Round(Math.Max(0, left), 1) : null;

    private double FractionAt(RestorationStage stage, int face, double share)
    {
        var done = FlopsBefore(stage, face) + (share * _work.Of(stage, face));
        return _work.Total > 0 ? Math.Min(1, done / _work.Total) : share;
    }

    private double? SecondsLeft(RestorationProgress progress, double share)
    {
        var left = LeftOfStage(progress, share, _latestAt);
        foreach (var later in _work.After(progress.Stage, progress.Face))
        {
            left += Guess(later.Stage, later.Flops, _latestAt);
        }

        return left;
    }

    private double? LeftOfStage(RestorationProgress progress, double share, long at)
    {
        // The first step also loads the network.
        if (progress.Step >= 2)
        {
            var perStep = time.GetElapsedTime(_firstStepEnd, at).TotalSeconds / (progress.Step - 1);
            return perStep * (progress.Steps - progress.Step);
        }

        return Guess(progress.Stage, _work.Of(progress.Stage, progress.Face), at) * (1 - share);
    }

    /// <summary>How long a part takes: as with earlier photos, else as fast as this one was so far.</summary>
    private double? Guess(RestorationStage stage, double flops, long at)
    {
        if (speeds.Seconds(stage, flops) is { } known)
        {
            return known;
        }

        var done = _part is var (current, face) ? FlopsBefore(current, face) : 0;
        return done > 0 ? flops * time.GetElapsedTime(_start, at).TotalSeconds / done : null;
    }

    private double FlopsBefore(RestorationStage stage, int face) => _work.Before(stage, face).Sum(part => part.Flops);
}
