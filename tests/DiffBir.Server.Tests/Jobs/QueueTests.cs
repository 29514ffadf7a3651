using System.Net;
using DiffBir.Server.Jobs;
using DiffBir.Server.Safety;
using DiffBir.Server.Tests.Support;

namespace DiffBir.Server.Tests.Jobs;

public sealed class QueueTests
{
    [Fact]
    public void Owners_take_turns()
    {
        var queue = new FairQueue<string>();
        foreach (var item in (string[])["a1", "a2", "a3", "b1", "c1", "b2"])
        {
            queue.Add(item, item[..1]);
        }

        queue.InOrder().ShouldBe(["a1", "b1", "c1", "a2", "b2", "a3"]);
        TakeAll(queue).ShouldBe(["a1", "b1", "c1", "a2", "b2", "a3"]);
    }

    [Fact]
    public void Who_comes_later_waits_for_one_turn_of_everybody_only()
    {
        var queue = new FairQueue<string>();
        foreach (var item in (string[])["a1", "a2", "a3"])
        {
            queue.Add(item, "a");
        }

        queue.TryTake(out _);
        queue.Add("b1", "b");

        queue.InOrder().ShouldBe(["a2", "b1", "a3"]);
    }

    [Fact]
    public void What_is_taken_out_of_the_middle_leaves_the_others_in_order()
    {
        var queue = new FairQueue<string>();
        foreach (var item in (string[])["a1", "a2", "b1", "a3"])
        {
            queue.Add(item, item[..1]);
        }

        queue.Remove("a2").ShouldBeTrue();
        queue.Remove("b1").ShouldBeTrue();
        queue.Remove("b1").ShouldBeFalse();

        queue.Count.ShouldBe(2);
        queue.CountOf("a").ShouldBe(2);
        TakeAll(queue).ShouldBe(["a1", "a3"]);
    }

    [Fact]
    public void Who_calls_himself_by_many_names_gets_no_more_turns()
    {
        var queue = new FairQueue<string>();
        foreach (var item in (string[])["a1", "a2", "a3", "b1"])
        {
            queue.Add(item, item[..1], $"client {item}");
        }

        queue.Add("a4", "a", "client a1");
        queue.Add("b2", "b", "client b1");

        queue.CountOf("a").ShouldBe(4);
        queue.InOrder().ShouldBe(["a1", "b1", "a2", "b2", "a3", "a4"]);
        TakeAll(queue).ShouldBe(["a1", "b1", "a2", "b2", "a3", "a4"]);
    }

    [Fact]
    public async Task Clients_take_turns()
    {
        await using var bench = await ServerBench.StartAsync();
        var running = await bench.CreateAsync(ServerBench.Endless);
        await bench.WaitAsync(running, "running");
        var form = () => ServerBench.Form(ServerBench.Picture());
        var first = await bench.CreateAsync(form(), "one");
        var second = await bench.CreateAsync(form(), "one");
        var other = await bench.CreateAsync(form(), "other");

        async Task<int> PlaceOf(string id) => (await bench.JobAsync(id)).GetProperty("position").GetInt32();

        (await PlaceOf(first)).ShouldBe(1);
        (await PlaceOf(other)).ShouldBe(2);
        (await PlaceOf(second)).ShouldBe(3);
    }

    [ManyAddressesFact]
    public async Task A_full_queue_refuses_and_says_when_to_try_again()
    {
        await using var bench = await ServerBench.StartAsync(options => options with { MaxQueue = 2 });
        var running = await bench.CreateAsync(ServerBench.Endless);
        await bench.WaitAsync(running, "running");
        var form = () => ServerBench.Form(ServerBench.Picture());
        using var other = bench.HttpFrom(ManyAddressesFactAttribute.Other);
        var waiting = await bench.CreateAsync(form());

        using var mine = await bench.PostAsync(form());
        (await mine.ShouldBeErrorAsync(HttpStatusCode.TooManyRequests, "queue-full")).ShouldContain("half of the queue");
        await bench.CreateAsync(form(), http: other);
        using var full = await bench.PostAsync(form());

        await full.ShouldBeErrorAsync(HttpStatusCode.TooManyRequests, "queue-full");
        full.Headers.RetryAfter!.Delta!.Value.ShouldBeGreaterThan(TimeSpan.Zero);
        await bench.Http.DeleteAsync($"/api/restorations/{waiting}");
        await bench.CreateAsync(form());
    }

    [Fact]
    public async Task Other_names_get_nobody_more_than_half_of_the_queue()
    {
        await using var bench = await ServerBench.StartAsync(options => options with { MaxQueue = 6 });
        var running = await bench.CreateAsync(ServerBench.Endless);
        await bench.WaitAsync(running, "running");
        for (var number = 0; number < 3; number++)
        {
            await bench.CreateAsync(ServerBench.Form(ServerBench.Picture()), $"name {number}");
        }

        using var response = await bench.PostAsync(ServerBench.Form(ServerBench.Picture()), "another name");

        var detail = await response.ShouldBeErrorAsync(HttpStatusCode.TooManyRequests, "queue-full");
        detail.ShouldContain("your address");
    }

    [Theory]
    [InlineData("192.0.2.7", "192.0.2.7", true)]
    [InlineData("192.0.2.7", "192.0.2.8", false)]
    [InlineData("::ffff:192.0.2.7", "192.0.2.7", true)]
    [InlineData("2001:db8:1:2::7", "2001:db8:1:2:ffff::8", true)]
    [InlineData("2001:db8:1:2::7", "2001:db8:1:3::7", false)]
    public void A_machine_has_all_addresses_of_its_network(string one, string other, bool areSame) =>
        (Owner.Network(IPAddress.Parse(one)) == Owner.Network(IPAddress.Parse(other))).ShouldBe(areSame);

    [Fact]
    public async Task Refused_uploads_give_their_places_back()
    {
        await using var bench = await ServerBench.StartAsync(options => options with { MaxQueue = 2 });
        for (var number = 0; number < 5; number++)
        {
            using var refused = await bench.PostAsync(ServerBench.Form([1, 2, 3]));
            await refused.ShouldBeErrorAsync(HttpStatusCode.UnsupportedMediaType, "not-an-image");
        }

        await bench.EndOfAsync(await bench.CreateAsync());
        bench.Files().ShouldNotContain(path => path.StartsWith("incoming/", StringComparison.Ordinal));
    }

    private static List<string> TakeAll(FairQueue<string> queue)
    {
        var items = new List<string>();
        while (queue.TryTake(out var item))
        {
            items.Add(item!);
        }

        return items;
    }
}
