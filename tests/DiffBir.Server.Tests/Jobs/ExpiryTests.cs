using System.Net;
using DiffBir.Server.Jobs;
using DiffBir.Server.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace DiffBir.Server.Tests.Jobs;

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
            bench.Size().ShouldBeLessThanOrEqualTo(budget);
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
    public async Task Uploads_that_are_announced_and_never_come_delete_nothing()
    {
        await using var bench = await StartWithLittleDiskAsync();
        var id = await bench.CreateAsync();
        await bench.EndOfAsync(id);
        var clients = new List<RawClient>();
        // Each is looked for at once: on a busy machine the first may be cut off as too slow before the last has come.
        var begun = new HashSet<string>();
        for (var number = 0; number < 50; number++)
        {
            var client = await RawClient.ConnectAsync(bench.Address);
            clients.Add(client);
            await client.BeginUploadAsync(PartHeader, length: 900_000);
            await client.SendAsync("x");
            await UntilAsync(() =>
            {
                begun.UnionWith(bench.Files().Where(IsIncoming));
                return begun.Count == clients.Count;
            });
        }

        (await bench.JobAsync(id)).GetProperty("state").GetString().ShouldBe("done");
        clients.ForEach(client => client.Dispose());
    }

    [Fact]
    public async Task Bytes_of_an_upload_that_have_arrived_make_room()
    {
        await using var bench = await StartWithLittleDiskAsync();
        var id = await bench.CreateAsync();
        await bench.EndOfAsync(id);
        using var client = await RawClient.ConnectAsync(bench.Address);

        await client.BeginUploadAsync(PartHeader + new string('x', 999_000), length: 999_500);

        await UntilAsync(() => !bench.Files().Any(path => path.StartsWith("jobs/", StringComparison.Ordinal)));
        using var gone = await bench.Http.GetAsync($"/api/restorations/{id}");
        await gone.ShouldBeErrorAsync(HttpStatusCode.NotFound, "not-found");
        bench.Size().ShouldBeLessThanOrEqualTo(1_000_000);
    }

    [Fact]
    public async Task What_a_waiting_job_may_come_to_take_deletes_nothing_before_it_runs()
    {
        const long estimate = 512 * 512 * 9;
        await using var bench = await ServerBench.StartAsync(options =>
            options with
            {
                DiskBytes = estimate + 200_000,
                MaxUploadBytes = 1_000_000,
            }
        );
        var finished = new List<string>();
        do
        {
            finished.Add(await bench.CreateAsync(ServerBench.Form(ServerBench.Picture(64), fields: [("stage1-only", "true")])));
            await bench.EndOfAsync(finished[^1]);
        } while (bench.Size() < 250_000);

        var running = await bench.CreateAsync([.. ServerBench.Endless, ("upscale", "1")]);
        await bench.WaitAsync(running, "running");

        await bench.CreateAsync([.. ServerBench.Endless, ("upscale", "16")]);

        (await bench.JobAsync(finished[0])).GetProperty("state").GetString().ShouldBe("done");
        await bench.Http.PostAsync($"/api/restorations/{running}/cancel", null);
        await UntilAsync(() => bench.Size() < 200_000);
        using var gone = await bench.Http.GetAsync($"/api/restorations/{finished[0]}");
        await gone.ShouldBeErrorAsync(HttpStatusCode.NotFound, "not-found");
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

    private const string PartHeader = "--b\r\nContent-Disposition: form-data; name=\"image\"; filename=\"a.png\"\r\n\r\n";

    /// <summary>A server whose jobs may take a megabyte together.</summary>
    private static Task<ServerBench> StartWithLittleDiskAsync() =>
        ServerBench.StartAsync(options => options with { DiskBytes = 1_000_000, MaxUploadBytes = 1_000_000 });

    private static bool IsIncoming(string path) => path.StartsWith("incoming/", StringComparison.Ordinal);

    private static async Task UntilAsync(Func<bool> holds)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (!holds())
        {
            await Task.Delay(20, limit.Token);
        }
    }
}
