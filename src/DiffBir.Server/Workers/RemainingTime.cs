using System.Collections.Concurrent;
using DiffBir.Restoration;
using DiffBir.Server.Jobs;

namespace DiffBir.Server.Workers;

/// <summary>How fast the parts of the work went: what a later job is told before it has measured anything itself.</summary>
internal sealed class MeasuredSpeeds
{
    private readonly ConcurrentDictionary<RestorationStage, double> _secondsPerFlop = new();

    /// <summary>How long a part takes; null where none was measured.</summary>
    public double? Seconds(RestorationStage stage, double flops) =>
        flops == 0 ? 0
        : _secondsPerFlop.TryGetValue(stage, out var speed) ? flops * speed
        : null;

    /// <summary>A part was done; the latest ones count most.</summary>
    public void Add(RestorationStage stage, double flops, double seconds)
    {
        if (flops > 0)
        {
            var speed = seconds / flops;
            _secondsPerFlop.AddOrUpdate(stage, speed, (_, before) => (before + speed) / 2);
        }
    }
}

/// <summary>How far a job is and how long it will still take: by arithmetic at first, by the measured time of its own steps as soon as there are some.</summary>
/// <param name="work">How much the parts are.</param>
/// <param name="speeds">How fast earlier jobs were.</param>
/// <param name="time">The clock.</param>
internal sealed class RemainingTime(RestorationWork work, MeasuredSpeeds speeds, TimeProvider time)
{
    private readonly long _start = time.GetTimestamp();
    private RestorationStage? _stage;
    private long _stageStart;
    private long _firstStepEnd;
    private double _fraction;

    /// <summary>What clients are told.</summary>
    public JobProgress After(RestorationProgress progress)
    {
        if (_stage != progress.Stage)
        {
            EndStage();
            (_stage, _stageStart) = (progress.Stage, time.GetTimestamp());
        }

        if (progress.Step == 1)
        {
            _firstStepEnd = time.GetTimestamp();
        }

        var share = progress.Step / (double)Math.Max(1, progress.Steps);
        var left = SecondsLeft(progress, share);
        _fraction = Math.Max(_fraction, FractionAt(progress.Stage, share));
        return new JobProgress(progress.Stage, progress.Step, progress.Steps, _fraction, left);
    }

    /// <summary>The work is done.</summary>
    public void EndStage()
    {
        if (_stage is { } stage)
        {
            var seconds = time.GetElapsedTime(_stageStart).TotalSeconds;
            speeds.Add(stage, work.Of(stage), seconds);
        }

        _stage = null;
    }

    private double FractionAt(RestorationStage stage, double share)
    {
        var done = FlopsBefore(stage) + share * work.Of(stage);
        return work.Total > 0 ? Math.Min(1, done / work.Total) : share;
    }

    private double? SecondsLeft(RestorationProgress progress, double share)
    {
        var left = LeftOfStage(progress, share);
        foreach (var later in work.After(progress.Stage).Select(part => part.Stage).Distinct())
        {
            left += Guess(later);
        }

        return left is { } seconds ? Math.Round(Math.Max(0, seconds), 1) : null;
    }

    private double? LeftOfStage(RestorationProgress progress, double share)
    {
        // The first step also loads the network.
        if (progress.Step >= 2)
        {
            var perStep = time.GetElapsedTime(_firstStepEnd).TotalSeconds / (progress.Step - 1);
            return perStep * (progress.Steps - progress.Step);
        }

        return Guess(progress.Stage) * (1 - share);
    }

    /// <summary>How long a part takes: as with earlier jobs, else as fast as this job was so far.</summary>
    private double? Guess(RestorationStage stage)
    {
        if (speeds.Seconds(stage, work.Of(stage)) is { } known)
        {
            return known;
        }

        var done = _stage is { } current ? FlopsBefore(current) : 0;
        return done > 0 ? work.Of(stage) * time.GetElapsedTime(_start).TotalSeconds / done : null;
    }

    private double FlopsBefore(RestorationStage stage) => work.Before(stage).Sum(part => part.Flops);
}
