using System.Net;
using DiffBir.Server.Jobs;
using DiffBir.Server.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace DiffBir.Server.Tests;

public sealed class ExpiryTests
{
    [Fact]
    public async Task Finished_jobs_are_deleted_when_their_time_is_over_and_others_are_not()
    {
        var time = new ShiftedTime();
        await using var bench = await ServerBench.StartAsync(time: time);
        var old = await bench.CreateAsync();
        await bench.EndOfAsync(old);
        var running = await bench.CreateAsync(ServerBench.Endless);
        await bench.WaitAsync(running, "running");
        var waiting = await bench.CreateAsync();

        time.Shift = TimeSpan.FromDays(8);
        bench.Services.GetRequiredService<JobBoard>().Expire();

        using var gone = await bench.Http.GetAsync($"/api/restorations/{old}");
        await gone.ShouldBeErrorAsync(HttpStatusCode.NotFound, "not-found");
        (await bench.JobAsync(running)).GetProperty("state").GetString().ShouldBe("running");
        (await bench.JobAsync(waiting)).GetProperty("state").GetString().ShouldBe("queued");
        bench.Files().Select(path => path.Split('/')[1]).Distinct().Count().ShouldBe(2);
    }

    [Fact]
    public async Task The_oldest_finished_jobs_make_room_for_new_ones()
    {
        const long budget = 1_000_000;
        await using var bench = await ServerBench.StartAsync(options =>
            options with
            {
                DiskBytes = budget,
                MaxUploadBytes = 1_000_000,
            }
        );
        var jobs = new List<string>();
        for (var number = 0; number < 30; number++)
        {
            var id = await bench.CreateAsync(ServerBench.Form(ServerBench.Picture(64), fields: [("stage1-only", "true")]));
            (await bench.EndOfAsync(id)).GetProperty("state").GetString().ShouldBe("done");
            jobs.Add(id);
            Size(bench).ShouldBeLessThanOrEqualTo(budget);
        }

        using var first = await bench.Http.GetAsync($"/api/restorations/{jobs[0]}");
        first.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        using var last = await bench.Http.GetAsync($"/api/restorations/{jobs[^1]}/result");
        last.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_disk_full_of_unfinished_jobs_refuses_new_ones()
    {
        await using var bench = await ServerBench.StartAsync(options =>
            options with
            {
                DiskBytes = 1_000_000,
                MaxUploadBytes = 1_000_000,
            }
        );
        var form = () => ServerBench.Form(ServerBench.Picture(64), fields: [.. ServerBench.Endless, ("upscale", "4")]);
        await bench.CreateAsync(form());

        HttpResponseMessage response;
        var accepted = 0;
        while ((response = await bench.PostAsync(form())).StatusCode == HttpStatusCode.Accepted)
        {
            response.Dispose();
            (++accepted).ShouldBeLessThan(20);
        }

        await response.ShouldBeErrorAsync(HttpStatusCode.ServiceUnavailable, "disk-full");
        response.Headers.RetryAfter.ShouldNotBeNull();
        response.Dispose();
    }

    [Fact]
    public async Task Who_declares_a_huge_upload_does_not_delete_what_others_have()
    {
        await using var bench = await ServerBench.StartAsync();
        var id = await bench.CreateAsync();
        await bench.EndOfAsync(id);
        foreach (var length in (long[])[long.MaxValue, 4_999_999_999, 60_000_000])
        {
            using var raw = await RawClient.ConnectAsync(bench.Address);

            await raw.BeginUploadAsync("--b", length);

            (await raw.StatusLineAsync()).ShouldContain("413");
        }

        (await bench.JobAsync(id)).GetProperty("state").GetString().ShouldBe("done");
    }

    [Fact]
    public async Task What_cannot_fit_at_all_deletes_nothing()
    {
        await using var bench = await ServerBench.StartAsync(options =>
            options with
            {
                DiskBytes = 2_000_000,
                MaxUploadBytes = 1_000_000,
            }
        );
        var id = await bench.CreateAsync();
        await bench.EndOfAsync(id);

        using var response = await bench.PostAsync(("upscale", "32"));

        await response.ShouldBeErrorAsync(HttpStatusCode.ServiceUnavailable, "disk-full");
        (await bench.JobAsync(id)).GetProperty("state").GetString().ShouldBe("done");
    }

    private static long Size(ServerBench bench) => bench.Files().Sum(path => new FileInfo(Path.Combine(bench.Data, path)).Length);
}
