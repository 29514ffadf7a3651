using System.Text.Json;
using DiffBir.Server.Tests.Support;

namespace DiffBir.Server.Tests;

public sealed class EventStreamTests
{
    [Fact]
    public async Task A_client_hears_of_a_job_from_its_beginning_to_its_end()
    {
        await using var bench = await ServerBench.StartAsync();
        var id = await bench.CreateAsync(("steps", "300"));

        var events = await ReadAsync(bench, id);

        events[0].Name.ShouldBe("job");
        var last = events[^1];
        last.Name.ShouldBe("job");
        last.Data.GetProperty("state").GetString().ShouldBe("done");
        var progress = events.Where(it => it.Name == "progress").Select(it => it.Data).ToList();
        progress.ShouldNotBeEmpty();
        var fractions = progress.ConvertAll(it => it.GetProperty("fraction").GetDouble());
        fractions.ShouldBe(fractions.Order());
        fractions.ShouldAllBe(fraction => fraction >= 0 && fraction <= 1);
        progress.ShouldContain(it => it.GetProperty("stage").GetString() == "sampling");
        progress.ShouldContain(it =>
            it.GetProperty("secondsLeft").ValueKind == JsonValueKind.Number
        );
        events.ShouldContain(it => it.Name == "preview");
        events.Select(it => it.Id).ShouldBe(Enumerable.Range(1, events.Count));
    }

    [Fact]
    public async Task A_finished_job_is_told_at_once()
    {
        await using var bench = await ServerBench.StartAsync();
        var id = await bench.CreateAsync();
        await bench.EndOfAsync(id);

        var events = await ReadAsync(bench, id);

        events.ShouldHaveSingleItem().Data.GetProperty("state").GetString().ShouldBe("done");
    }

    [Fact]
    public async Task Who_waits_hears_of_the_place_in_the_queue()
    {
        await using var bench = await ServerBench.StartAsync();
        var running = await bench.CreateAsync(ServerBench.Endless);
        await bench.WaitAsync(running, "running");
        var waiting = await bench.CreateAsync();
        var reading = ReadAsync(bench, waiting);

        (await bench.JobAsync(waiting)).GetProperty("position").GetInt32().ShouldBe(1);
        await bench.Http.DeleteAsync($"/api/restorations/{running}");

        var events = await reading;
        events[0].Data.GetProperty("state").GetString().ShouldBe("queued");
        events[^1].Data.GetProperty("state").GetString().ShouldBe("done");
    }

    [Fact]
    public async Task The_stream_of_a_deleted_job_ends()
    {
        await using var bench = await ServerBench.StartAsync();
        var id = await bench.CreateAsync(ServerBench.Endless);
        await bench.WaitAsync(id, "running");
        var reading = ReadAsync(bench, id);

        await bench.Http.DeleteAsync($"/api/restorations/{id}");

        (await reading).ShouldNotContain(it => it.Data.ToString().Contains("\"done\""));
    }

    [Fact]
    public async Task Clients_that_leave_disturb_neither_the_job_nor_others()
    {
        await using var bench = await ServerBench.StartAsync();
        var id = await bench.CreateAsync(("steps", "200"));
        for (var client = 0; client < 10; client++)
        {
            using var raw = await RawClient.ConnectAsync(bench.Address);
            await raw.SendAsync(
                $"GET /api/restorations/{id}/events HTTP/1.1\r\nHost: localhost\r\n\r\n"
            );
            (await raw.StatusLineAsync()).ShouldContain("200");
        }

        (await ReadAsync(bench, id))[^1].Data.GetProperty("state").GetString().ShouldBe("done");
    }

    private static async Task<List<(int Id, string Name, JsonElement Data)>> ReadAsync(
        ServerBench bench,
        string id
    )
    {
        using var response = await bench.Http.GetAsync(
            $"/api/restorations/{id}/events",
            HttpCompletionOption.ResponseHeadersRead
        );
        response.Content.Headers.ContentType!.MediaType.ShouldBe("text/event-stream");
        var events = new List<(int, string, JsonElement)>();
        var (number, name) = (0, "");
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        while (await reader.ReadLineAsync() is { } line)
        {
            var (key, value) = line.IndexOf(':') is var at and > 0
                ? (line[..at], line[(at + 1)..].Trim())
                : ("", "");
            switch (key)
            {
                case "id":
                    number = int.Parse(value);
                    break;
                case "event":
                    name = value;
                    break;
                case "data":
                    events.Add((number, name, JsonElement.Parse(value)));
                    break;
            }
        }

        return events;
    }
}
