using DiffBir.Cluster.Jobs;
using DiffBir.Cluster.Nats;
using DiffBir.Cluster.Queues;
using DiffBir.Cluster.Tests.Support;
using NATS.Client.Core;
using NATS.Client.JetStream;

namespace DiffBir.Cluster.Tests.Nats;

/// <summary>What a real server does with jobs, its traps included.</summary>
public sealed class NatsQueueTests
{
    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(1);
    private static readonly QueueRules Rules = new() { Lease = TimeSpan.FromSeconds(1) };

    private static readonly BatchDescription Batch = BatchDescription.Of(
        ["in"],
        "out",
        new Recipe
        {
            Version = "1",
            Model = "stub",
            Weights = "1",
            Options = [],
        }
    );

    private static readonly CancellationToken NoCancellation = CancellationToken.None;

    [NatsFact]
    public async Task A_batch_is_seen_when_its_consumer_is_there_which_comes_last()
    {
        using var server = new NatsServer();
        await using var feeder = await server.ConnectAsync();
        await using var worker = await server.ConnectAsync();
        await using var connection = new NatsConnection(new NatsOpts { Url = server.Url });
        await feeder.OpenAsync(Batch, NoCancellation);
        await new NatsJSContext(connection).DeleteConsumerAsync(NatsNames.Stream(Batch.Id), NatsNames.Consumer, NoCancellation);

        var halfMade = await worker.BatchesAsync(NoCancellation);
        await feeder.OpenAsync(Batch, NoCancellation);

        halfMade.ShouldBeEmpty();
        (await worker.BatchesAsync(NoCancellation)).ShouldHaveSingleItem();
    }

    [NatsFact]
    public async Task A_batch_is_described_to_workers_and_gone_when_it_is_closed()
    {
        using var server = new NatsServer();
        await using var queue = await server.ConnectAsync();

        await queue.OpenAsync(Batch, NoCancellation);
        await queue.OpenAsync(Batch, NoCancellation);
        var there = (await queue.BatchesAsync(NoCancellation)).ShouldHaveSingleItem();
        await queue.CloseAsync(Batch.Id, NoCancellation);
        await queue.CloseAsync(Batch.Id, NoCancellation);

        (there.Id, there.Output, there.Recipe.Hash()).ShouldBe((Batch.Id, Batch.Output, Batch.Recipe.Hash()));
        (await queue.BatchesAsync(NoCancellation)).ShouldBeEmpty();
        (await queue.StateAsync(Batch.Id, NoCancellation)).ShouldBeNull();
        (await queue.EnqueueAsync(Batch.Id, Job(1), NoCancellation)).ShouldBe(Enqueued.NoBatch);
        (await queue.TakeAsync(Batch.Id, Moment, NoCancellation)).ShouldBeNull();
    }

    [NatsFact]
    public async Task A_job_is_there_once_at_most_and_a_full_queue_takes_no_more()
    {
        using var server = new NatsServer();
        await using var queue = await server.ConnectAsync(Rules with { MaxJobs = 2 });
        await queue.OpenAsync(Batch, NoCancellation);

        var answers = new List<Enqueued>();
        foreach (var number in new[] { 1, 1, 2, 3, 2 })
        {
            answers.Add(await queue.EnqueueAsync(Batch.Id, Job(number), NoCancellation));
        }

        answers.ShouldBe([Enqueued.Added, Enqueued.AlreadyThere, Enqueued.Added, Enqueued.Full, Enqueued.AlreadyThere]);
        (await queue.StateAsync(Batch.Id, NoCancellation)).ShouldBe(new QueueState(All: 2, Waiting: 2, Running: 0));
    }

    [NatsFact]
    public async Task A_lease_without_a_sign_of_life_goes_to_the_next_and_a_late_end_removes_the_job_all_the_same()
    {
        using var server = new NatsServer();
        await using var queue = await server.ConnectAsync(Rules);
        await queue.OpenAsync(Batch, NoCancellation);
        await queue.EnqueueAsync(Batch.Id, Job(1), NoCancellation);

        var first = (await queue.TakeAsync(Batch.Id, Moment, NoCancellation))!;
        await Task.Delay(Rules.Lease * 0.7);
        await first.ExtendAsync(NoCancellation);
        await Task.Delay(Rules.Lease * 0.7);
        (await queue.StateAsync(Batch.Id, NoCancellation)).ShouldBe(new QueueState(All: 1, Waiting: 0, Running: 1));
        var second = await TakeAsync(queue);
        await first.CompleteAsync(NoCancellation);
        await Task.Delay(200);

        second.Job!.Id.ShouldBe(first.Job!.Id);
        (await queue.StateAsync(Batch.Id, NoCancellation))!.All.ShouldBe(0, "this is why acknowledgments decide nothing");
    }

    [NatsFact]
    public async Task A_job_that_was_handed_out_four_times_stays_and_is_told_apart()
    {
        using var server = new NatsServer();
        await using var queue = await server.ConnectAsync(Rules);
        await queue.OpenAsync(Batch, NoCancellation);
        await queue.EnqueueAsync(Batch.Id, Job(1), NoCancellation);

        for (var delivery = 0; delivery < 4; delivery++)
        {
            (await queue.StateAsync(Batch.Id, NoCancellation))!.IsExhausted.ShouldBeFalse();
            await (await TakeAsync(queue)).HandBackAsync(TimeSpan.FromMilliseconds(50), NoCancellation);
        }

        (await queue.TakeAsync(Batch.Id, Moment * 2, NoCancellation)).ShouldBeNull();
        (await queue.StateAsync(Batch.Id, NoCancellation))!.IsExhausted.ShouldBeTrue();
        await foreach (var job in queue.JobsAsync(Batch.Id, NoCancellation))
        {
            job.Id.ShouldBe(Job(1).Id);
            await queue.RemoveAsync(Batch.Id, job.Id, NoCancellation);
        }

        (await queue.StateAsync(Batch.Id, NoCancellation)).ShouldBe(new QueueState(0, 0, 0));
    }

    [NatsFact]
    public async Task Who_works_answers_who_it_is()
    {
        using var server = new NatsServer();
        await using var worker = await server.ConnectAsync();
        await using var other = await server.ConnectAsync();
        using var stop = new CancellationTokenSource();
        var state = new WorkerState
        {
            Name = "a",
            Slots = 2,
            Running = ["photo.png"],
            Done = 7,
            Refused = new Dictionary<string, string>(),
        };

        (await other.WorkersAsync(NoCancellation)).ShouldBeEmpty();
        var answering = worker.AnswerAsync(() => state, stop.Token);
        IReadOnlyList<WorkerState> there = [];
        for (var attempt = 0; attempt < 20 && there.Count == 0; attempt++)
        {
            there = await other.WorkersAsync(NoCancellation);
        }

        await stop.CancelAsync();
        await Should.NotThrowAsync(async () => await answering.ContinueWith(_ => { }, TaskScheduler.Default));
        var answer = there.ShouldHaveSingleItem();
        (answer.Name, answer.Slots, answer.Done, answer.Running[0]).ShouldBe(("a", 2, 7, "photo.png"));
    }

    [NatsFact]
    public async Task Who_is_not_let_in_is_told_so_without_the_password()
    {
        using var server = new NatsServer("--user", "feeder", "--pass", "right");
        var address = new Uri(server.Url).Authority;

        var wrong = await Should.ThrowAsync<QueueException>(() => Connect($"nats://feeder:secret@{address}"));
        await using var right = await Connect($"nats://feeder:right@{address}");

        wrong.ToString().ShouldNotContain("secret");
        wrong.Message.ShouldStartWith($"No NATS server lets us in at {address}.");
        (await right.BatchesAsync(NoCancellation)).ShouldBeEmpty();
        static Task<NatsQueue> Connect(string url) => NatsQueue.ConnectAsync(NatsAddress.Parse(url), Rules, "test");
    }

    [NatsFact]
    public async Task A_token_lets_in_too()
    {
        using var server = new NatsServer("--auth", "a-token");
        var address = NatsAddress.Parse(server.Url) with { Token = "a-token" };

        await using var queue = await NatsQueue.ConnectAsync(address, Rules, "test");

        (await queue.BatchesAsync(NoCancellation)).ShouldBeEmpty();
    }

    [NatsFact]
    public async Task An_old_server_is_warned_of()
    {
        using var server = new NatsServer();
        await using var queue = await server.ConnectAsync();

        var isOld = NatsServer.Version < new Version(2, 10);

        (queue.Warning?.Contains("Use 2.12 or later") ?? false).ShouldBe(isOld);
    }

    private static async Task<ILease> TakeAsync(NatsQueue queue)
    {
        using var patience = new CancellationTokenSource(ClusterBench.Patience);
        while (true)
        {
            if (await queue.TakeAsync(Batch.Id, Moment, patience.Token) is { } lease)
            {
                return lease;
            }
        }
    }

    private static Job Job(int number) =>
        Cluster.Jobs.Job.Of(new JobInput($"/in/{number}.png", number, 0, null), [$"{number}.png"], "recipe");
}
