using DiffBir.Server.Tests.Support;

namespace DiffBir.Server.Tests.Workers;

/// <summary>What shows only after some seconds.</summary>
[Trait("Category", "Slow")]
public sealed class PatienceTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task A_client_that_sends_too_slowly_is_dropped_and_leaves_nothing()
    {
        await using var bench = await ServerBench.StartAsync();
        using var client = await RawClient.ConnectAsync(bench.Address);
        await client.BeginUploadAsync(
            "--b\r\nContent-Disposition: form-data; name=\"image\"; filename=\"a.png\"\r\n\r\n",
            length: 1_000_000
        );
        var answer = client.StatusLineAsync();

        while (!answer.IsCompleted)
        {
            await Task.WhenAny(answer, Task.Delay(500));
            try
            {
                await client.SendAsync("x");
            }
            catch (IOException)
            {
                break; // it hung up
            }
        }

        (await answer.WaitAsync(Patience)).ShouldContain("408");
        bench.Files().ShouldBeEmpty();
    }

    [Fact]
    public async Task A_client_that_does_not_finish_its_first_words_is_dropped()
    {
        await using var bench = await ServerBench.StartAsync();
        using var client = await RawClient.ConnectAsync(bench.Address);

        await client.SendAsync("GET /api/options HTTP/1.1\r\nHost: loc");

        (await client.StatusLineAsync().WaitAsync(Patience)).ShouldContain("408");
    }

    [Fact]
    public async Task A_stream_without_news_says_that_it_is_alive()
    {
        await using var bench = await ServerBench.StartAsync();
        await bench.CreateAsync(ServerBench.Endless);
        var waiting = await bench.CreateAsync();
        using var stream = new StreamReader(await bench.Http.GetStreamAsync($"/api/restorations/{waiting}/events"));

        using var limit = new CancellationTokenSource(Patience);
        while (!(await stream.ReadLineAsync(limit.Token))!.StartsWith(':')) { }
    }
}
