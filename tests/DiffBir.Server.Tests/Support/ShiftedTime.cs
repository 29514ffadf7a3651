namespace DiffBir.Server.Tests.Support;

/// <summary>A clock that can be set forward; timers stay those of the machine.</summary>
internal sealed class ShiftedTime : TimeProvider
{
    public TimeSpan Shift { get; set; }

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Shift;
}
