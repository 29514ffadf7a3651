using System.Collections.Concurrent;

namespace DiffBir.Tests.Packs;

/// <summary>A clock whose timers ring at once, and that remembers how long they should have taken.</summary>
internal sealed class ImpatientTime : TimeProvider
{
    /// <summary>Timers that are as long as this, or longer, never ring.</summary>
    public static TimeSpan Never { get; } = TimeSpan.FromDays(1);

    /// <summary>The pauses that were asked for.</summary>
    public ConcurrentQueue<TimeSpan> Pauses { get; } = new();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        if (dueTime >= Never || dueTime == Timeout.InfiniteTimeSpan)
        {
            return base.CreateTimer(callback, state, Timeout.InfiniteTimeSpan, period);
        }

        Pauses.Enqueue(dueTime);
        return base.CreateTimer(callback, state, TimeSpan.Zero, period);
    }
}
