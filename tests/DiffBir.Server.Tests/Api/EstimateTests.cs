using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using DiffBir.Server.Tests.Support;

namespace DiffBir.Server.Tests.Api;

/// <summary>How long a photo would take.</summary>
public sealed class EstimateTests
{
    [Fact]
    public async Task The_time_of_a_photo_is_known_after_another_one_and_grows_with_its_size()
    {
        await using var bench = await ServerBench.StartAsync();
        (await SecondsAsync(bench, 32)).ShouldBeNull("no photo has shown it yet");

        await bench.EndOfAsync(await bench.CreateAsync());

        var small = (await SecondsAsync(bench, 32)).ShouldNotBeNull();
        var large = (await SecondsAsync(bench, 256)).ShouldNotBeNull();
        small.ShouldBeGreaterThan(0);
        large.ShouldBeGreaterThan(small);
        (await SecondsAsync(bench, 32, ("steps", "0"))).ShouldBeNull("no model can do that");
    }

    [Fact]
    public async Task Photos_that_are_none_or_too_large_are_errors()
    {
        await using var bench = await ServerBench.StartAsync();

        using var none = await AskAsync(bench, 0);
        await none.ShouldBeErrorAsync(HttpStatusCode.BadRequest, "bad-request");
        using var large = await AskAsync(bench, 30_000);
        await large.ShouldBeErrorAsync(HttpStatusCode.RequestEntityTooLarge, "image-too-large");
    }

    private static async Task<double?> SecondsAsync(ServerBench bench, int side, params (string Name, string Value)[] options)
    {
        using var response = await AskAsync(bench, side, options);
        var estimates = JsonElement.Parse(await response.Content.ReadAsStringAsync());
        var seconds = estimates
            .EnumerateArray()
            .Single(estimate => estimate.GetProperty("model").GetString() == "tiny")
            .GetProperty("seconds");
        return seconds.ValueKind == JsonValueKind.Null ? null : seconds.GetDouble();
    }

    private static Task<HttpResponseMessage> AskAsync(
        ServerBench bench,
        int side,
        params (string Name, string Value)[] options
    ) =>
        bench.Http.PostAsJsonAsync(
            "/api/estimates",
            new
            {
                width = side,
                height = side,
                options = options.ToDictionary(option => option.Name, option => option.Value),
            }
        );
}
