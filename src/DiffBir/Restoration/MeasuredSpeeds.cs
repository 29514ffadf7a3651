using System.Collections.Concurrent;

namespace DiffBir.Restoration;

/// <summary>How fast the parts of the work went: what a later photo is told before it has measured anything itself.</summary>
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
