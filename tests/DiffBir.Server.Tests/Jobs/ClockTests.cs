using System.Net;
using DiffBir.Server.Tests.Support;

namespace DiffBir.Server.Tests.Jobs;

/// <summary>The machine's clock is set forward or back while photos wait and run.</summary>
public sealed class ClockTests
{
    private static readonly TimeSpan UsualRun = TimeSpan.FromMinutes(5); // the longest that a refused client is told to wait

    [Theory]
    [InlineData(-10)]
    [InlineData(10)]
    public async Task A_clock_that_steps_while_photos_wait_and_run_loses_none_and_no_time_is_negative(int hours)
    {
        var time = new ShiftedTime();
        await using var bench = await ServerBench.StartAsync(time: time);
        var running = await bench.CreateAsync(ServerBench.Endless);
        await bench.WaitAsync(running, "running");
        var waiting = await bench.CreateAsync();

        time.Shift = TimeSpan.FromHours(hours);
        using var cancelled = await bench.Http.PostAsync($"/api/restorations/{running}/cancel", null);

        cancelled.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        var first = await bench.EndOfAsync(running);
        first.GetProperty("state").GetString().ShouldBe("cancelled");
        first.GetProperty("secondsTaken").GetDouble().ShouldBeGreaterThanOrEqualTo(0);
        var second = await bench.EndOfAsync(waiting);
        second.GetProperty("state").GetString().ShouldBe("done");
        second.GetProperty("secondsTaken").GetDouble().ShouldBeInRange(0, UsualRun.TotalSeconds);
    }
}
