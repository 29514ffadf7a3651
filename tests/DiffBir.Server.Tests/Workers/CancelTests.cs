using System.Net;
using DiffBir.Server.Tests.Support;

namespace DiffBir.Server.Tests.Workers;

public sealed class CancelTests
{
    [Fact]
    public async Task A_running_job_is_cancelled_within_a_step_and_its_record_stays()
    {
        await using var bench = await ServerBench.StartAsync();
        var id = await bench.CreateAsync(ServerBench.Endless);
        await bench.WaitAsync(id, "running");

        using var response = await bench.Http.PostAsync($"/api/restorations/{id}/cancel", null);

        response.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        var job = await bench.EndOfAsync(id);
        job.GetProperty("state").GetString().ShouldBe("cancelled");
        (await bench.Http.GetAsync($"/api/restorations/{id}/original")).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_waiting_job_is_cancelled_at_once()
    {
        await using var bench = await ServerBench.StartAsync();
        await bench.CreateAsync(ServerBench.Endless);
        var id = await bench.CreateAsync();

        using var response = await bench.Http.PostAsync($"/api/restorations/{id}/cancel", null);

        (await response.Content.ReadAsStringAsync()).ShouldContain("\"cancelled\"");
    }

    [Fact]
    public async Task To_cancel_what_is_finished_changes_nothing()
    {
        await using var bench = await ServerBench.StartAsync();
        var id = await bench.CreateAsync();
        await bench.EndOfAsync(id);

        await bench.Http.PostAsync($"/api/restorations/{id}/cancel", null);

        (await bench.JobAsync(id)).GetProperty("state").GetString().ShouldBe("done");
    }

    [Theory]
    [InlineData("queued")]
    [InlineData("running")]
    [InlineData("done")]
    public async Task A_deleted_job_leaves_nothing(string state)
    {
        await using var bench = await ServerBench.StartAsync();
        var blocking = state == "queued" ? await bench.CreateAsync(ServerBench.Endless) : null;
        var id = await bench.CreateAsync(state == "done" ? [] : ServerBench.Endless);
        await bench.WaitAsync(id, state);

        using var response = await bench.Http.DeleteAsync($"/api/restorations/{id}");

        response.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        foreach (var address in (string[])["", "/result", "/original", "/events"])
        {
            using var gone = await bench.Http.GetAsync($"/api/restorations/{id}{address}");
            await gone.ShouldBeErrorAsync(HttpStatusCode.NotFound, "not-found");
        }

        using var again = await bench.Http.DeleteAsync($"/api/restorations/{id}");
        await again.ShouldBeErrorAsync(HttpStatusCode.NotFound, "not-found");
        if (blocking is not null)
        {
            await bench.Http.DeleteAsync($"/api/restorations/{blocking}");
        }

        // The worker has let go of a deleted job when it has done another one.
        var next = await bench.CreateAsync();
        await bench.EndOfAsync(next);
        await bench.Http.DeleteAsync($"/api/restorations/{next}");
        bench.Files().ShouldBeEmpty();
    }

    [Fact]
    public async Task Many_cancel_and_delete_the_same_jobs_at_once()
    {
        await using var bench = await ServerBench.StartAsync();
        var jobs = new List<string>();
        for (var job = 0; job < 8; job++)
        {
            jobs.Add(await bench.CreateAsync(ServerBench.Endless));
        }

        var requests = jobs.SelectMany(id =>
            Enumerable
                .Range(0, 6)
                .Select(async number =>
                {
                    using var response =
                        number % 2 == 0
                            ? await bench.Http.PostAsync($"/api/restorations/{id}/cancel", null)
                            : await bench.Http.DeleteAsync($"/api/restorations/{id}");
                    return response.StatusCode;
                })
        );
        var answers = await Task.WhenAll(requests);

        answers.Distinct().ShouldBeSubsetOf([HttpStatusCode.Accepted, HttpStatusCode.NoContent, HttpStatusCode.NotFound]);
        answers.Count(answer => answer == HttpStatusCode.NoContent).ShouldBe(jobs.Count);
        var next = await bench.CreateAsync();
        (await bench.EndOfAsync(next)).GetProperty("state").GetString().ShouldBe("done");
        await bench.Http.DeleteAsync($"/api/restorations/{next}");
        bench.Files().ShouldBeEmpty();
    }
}
