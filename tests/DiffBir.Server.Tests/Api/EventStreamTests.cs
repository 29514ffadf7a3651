using System.Net.ServerSentEvents;
using System.Text.Json;
using DiffBir.Imaging;
using DiffBir.Server.Tests.Support;

namespace DiffBir.Server.Tests.Api;

public sealed class EventStreamTests
{
    [Fact]
    public async Task A_client_hears_of_a_job_from_its_beginning_to_its_end()
    {
        await using var bench = await ServerBench.StartAsync();
        var id = await bench.CreateAsync(ServerBench.Endless);
        var events = new List<Event>();
        await foreach (var heard in ReadAsync(bench, id))
        {
            events.Add(heard);
            if (heard.Name == "preview")
            {
                await bench.Http.PostAsync($"/api/restorations/{id}/cancel", null);
            }
        }

        events[0].Name.ShouldBe("job");
        events[^1].State.ShouldBe("cancelled");
        var progress = events.Where(it => it.Name == "progress").Select(it => it.Data).ToList();
        var fractions = progress.ConvertAll(it => it.GetProperty("fraction").GetDouble());
        fractions.ShouldBe(fractions.Order());
        fractions.ShouldAllBe(fraction => fraction >= 0 && fraction <= 1);
        progress.ShouldContain(it => it.GetProperty("stage").GetString() == "sampling");
        progress.ShouldContain(it => it.GetProperty("secondsLeft").ValueKind == JsonValueKind.Number);
        events.Select(it => it.Id).ShouldBe(Enumerable.Range(1, events.Count));
    }

    [Fact]
    public async Task A_preview_can_be_looked_at_while_the_job_runs()
    {
        await using var bench = await ServerBench.StartAsync();
        var id = await bench.CreateAsync(ServerBench.Endless);
        await foreach (var heard in ReadAsync(bench, id))
        {
            if (heard.Name != "preview")
            {
                continue;
            }

            heard.Data.GetProperty("step").GetInt32().ShouldBeGreaterThan(0);
            using var image = await bench.Http.GetAsync(heard.Data.GetProperty("url").GetString());
            image.Content.Headers.ContentType!.MediaType.ShouldBe("image/jpeg");
            using var photo = ImageFile.Read(await image.Content.ReadAsStreamAsync(), "preview");
            photo.Width.ShouldBe(photo.Height);
            await bench.Http.PostAsync($"/api/restorations/{id}/cancel", null);
        }

        (await bench.JobAsync(id)).GetProperty("intermediates").ToString().ShouldNotContain("preview");
    }

    [Fact]
    public async Task A_finished_job_is_told_at_once()
    {
        await using var bench = await ServerBench.StartAsync();
        var id = await bench.CreateAsync();
        await bench.EndOfAsync(id);

        var events = await ReadAllAsync(bench, id);

        events.ShouldHaveSingleItem().State.ShouldBe("done");
    }

    [Fact]
    public async Task Who_waits_hears_of_the_place_in_the_queue()
    {
        await using var bench = await ServerBench.StartAsync();
        var running = await bench.CreateAsync(ServerBench.Endless);
        await bench.WaitAsync(running, "running");
        var waiting = await bench.CreateAsync();
        var reading = ReadAllAsync(bench, waiting);

        (await bench.JobAsync(waiting)).GetProperty("position").GetInt32().ShouldBe(1);
        await bench.Http.DeleteAsync($"/api/restorations/{running}");

        var events = await reading;
        events[0].State.ShouldBe("queued");
        events[^1].State.ShouldBe("done");
    }

    [Fact]
    public async Task The_stream_of_a_deleted_job_ends()
    {
        await using var bench = await ServerBench.StartAsync();
        var id = await bench.CreateAsync(ServerBench.Endless);
        await bench.WaitAsync(id, "running");
        var reading = ReadAllAsync(bench, id);

        await bench.Http.DeleteAsync($"/api/restorations/{id}");

        (await reading).ShouldNotContain(it => it.State == "done");
    }

    [Fact]
    public async Task Clients_that_leave_disturb_neither_the_job_nor_others()
    {
        await using var bench = await ServerBench.StartAsync();
        var id = await bench.CreateAsync(("steps", "200"));
        for (var client = 0; client < 10; client++)
        {
            using var raw = await RawClient.ConnectAsync(bench.Address);
            await raw.SendAsync($"GET /api/restorations/{id}/events HTTP/1.1\r\nHost: localhost\r\n\r\n");
            (await raw.StatusLineAsync()).ShouldContain("200");
        }

        (await ReadAllAsync(bench, id))[^1].State.ShouldBe("done");
    }

    private static async Task<List<Event>> ReadAllAsync(ServerBench bench, string id)
    {
        var events = new List<Event>();
        await foreach (var heard in ReadAsync(bench, id))
        {
            events.Add(heard);
        }

        return events;
    }

    private static async IAsyncEnumerable<Event> ReadAsync(ServerBench bench, string id)
    {
        using var response = await bench.Http.GetAsync(
            $"/api/restorations/{id}/events",
            HttpCompletionOption.ResponseHeadersRead
        );
        response.Content.Headers.ContentType!.MediaType.ShouldBe("text/event-stream");
        var stream = await response.Content.ReadAsStreamAsync();
        await foreach (var item in SseParser.Create(stream).EnumerateAsync())
        {
            yield return new Event(int.Parse(item.EventId!), item.EventType, JsonElement.Parse(item.Data));
        }
    }

    private sealed record Event(int Id, string Name, JsonElement Data)
    {
        /// <summary>The state that an event about the job tells; null for the others.</summary>
        public string? State => Name == "job" ? Data.GetProperty("state").GetString() : null;
    }
}
