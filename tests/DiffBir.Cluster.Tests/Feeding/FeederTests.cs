using DiffBir.Cluster.Feeding;
using DiffBir.Cluster.Queues;
using DiffBir.Cluster.Tests.Support;

namespace DiffBir.Cluster.Tests.Feeding;

/// <summary>Inputs less results, again and again, whatever happens to the queue.</summary>
public sealed class FeederTests
{
    [Fact]
    public async Task Each_photo_gets_one_result_and_one_record_from_several_workers()
    {
        using var bench = new ClusterBench();
        bench.Photos(40);
        for (var number = 1; number <= 3; number++)
        {
            _ = bench.StartWorker(new StubEngine(), $"worker {number}");
        }

        var fed = await bench.FeedAsync();

        fed.Failed.ShouldBe(0);
        fed.Results.Select(result => result.Item.Outputs[0])
            .ShouldBe(Enumerable.Range(0, 40).Select(number => $"{number:000}.png"));
        bench.ShouldBeWhole();
        bench.ShouldBeTidy();
        (await bench.Queue.BatchesAsync(CancellationToken.None)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_queue_that_is_wiped_costs_no_photo()
    {
        using var bench = new ClusterBench();
        bench.Photos(20);
        var wipes = 0;
        _ = bench.StartWorker(
            new StubEngine
            {
                Before = (_, _) =>
                {
                    if (Interlocked.Increment(ref wipes) is 1 or 5 or 12)
                    {
                        bench.InProcess.Wipe();
                    }
                },
            }
        );

        (await bench.FeedAsync()).Failed.ShouldBe(0);

        wipes.ShouldBeGreaterThanOrEqualTo(20);
        bench.ShouldBeWhole();
    }

    [Fact]
    public async Task Two_feeders_of_one_batch_give_each_photo_one_result()
    {
        using var bench = new ClusterBench();
        bench.Photos(30);
        _ = bench.StartWorker(new StubEngine());

        var fed = await Task.WhenAll(bench.FeedAsync(), bench.FeedAsync());

        fed.ShouldAllBe(feeder => feeder.Failed == 0 && feeder.Results.Count == 30);
        bench.ShouldBeWhole();
    }

    [Fact]
    public async Task A_feeder_that_died_goes_on_where_it_was()
    {
        using var bench = new ClusterBench();
        bench.Photos(12);
        var engine = new StubEngine { Before = (_, _) => Thread.Sleep(5) };
        _ = bench.StartWorker(engine);
        for (var death = 0; death < 10; death++)
        {
            using var kill = new CancellationTokenSource(TimeSpan.FromMilliseconds(15));
            await Should.ThrowAsync<OperationCanceledException>(() => bench.FeedAsync(cancellation: kill.Token));
            if (bench.Records.Count == 12)
            {
                break;
            }
        }

        (await bench.FeedAsync()).Failed.ShouldBe(0);

        engine.Runs.Values.Sum().ShouldBe(12);
        bench.ShouldBeWhole();
    }

    [Fact]
    public async Task A_queue_that_does_not_answer_is_waited_for_and_that_is_said_once()
    {
        using var bench = new ClusterBench();
        bench.Photos(5);
        _ = bench.StartWorker(new StubEngine());
        bench.InProcess.IsCutOff = true;
        var feeding = bench.FeedAsync();
        await Task.Delay(200);

        bench.InProcess.IsCutOff = false;
        var fed = await feeding;

        fed.Said.Split('\n').Count(line => line.Contains("does not answer")).ShouldBe(1);
        fed.Said.ShouldContain("It goes on.");
        bench.ShouldBeWhole();
    }

    [Fact]
    public async Task The_feeder_waits_while_the_queue_is_full()
    {
        using var bench = new ClusterBench(new InProcessQueue(new QueueRules { MaxJobs = 3 }));
        bench.Photos(15);
        _ = bench.StartWorker(new StubEngine());

        (await bench.FeedAsync()).Failed.ShouldBe(0);

        bench.InProcess.Peak.ShouldBeLessThanOrEqualTo(3);
        bench.ShouldBeWhole();
    }

    [Theory]
    [InlineData(nameof(ForeignResults.Refuse), "theirs", "is already there. Use --overwrite or --skip-existing.")]
    [InlineData(nameof(ForeignResults.Skip), "theirs", null)]
    [InlineData(nameof(ForeignResults.Replace), null, null)]
    public async Task A_result_that_is_there_and_is_nobodys_is_refused_skipped_or_replaced(
        string foreign,
        string? content,
        string? failure
    )
    {
        using var bench = new ClusterBench();
        bench.Photo("a.png", "photo");
        var path = Path.Combine(bench.Out, "a.png");
        await File.WriteAllTextAsync(path, "theirs");
        _ = bench.StartWorker(new StubEngine());

        var fed = await bench.FeedAsync(plan => plan with { Foreign = Enum.Parse<ForeignResults>(foreign) });

        if (failure is null)
        {
            fed.Of("a.png").Failure.ShouldBeNull();
        }
        else
        {
            fed.Of("a.png").Failure!.ShouldContain(failure);
        }

        if (content is null)
        {
            bench.ShouldBeWhole();
        }
        else
        {
            (await File.ReadAllTextAsync(path)).ShouldBe(content);
        }
    }

    [Fact]
    public async Task Other_options_are_another_batch_whose_results_are_replaced_only_where_that_was_asked_for()
    {
        using var bench = new ClusterBench();
        bench.Photos(2);
        var engine = new StubEngine();
        _ = bench.StartWorker(engine);
        await bench.FeedAsync();

        bench.UseOtherOptions();
        var refused = await bench.FeedAsync();
        var replaced = await bench.FeedAsync(plan => plan with { Foreign = ForeignResults.Replace });

        refused.Failed.ShouldBe(2);
        replaced.Failed.ShouldBe(0);
        engine.Runs.Values.ShouldAllBe(runs => runs == 2);
        bench.Records.ShouldAllBe(record => record.Recipe == bench.Batch.Recipe.Hash());
        bench.ShouldBeWhole();
    }

    [Fact]
    public async Task A_result_that_was_deleted_or_whose_photo_has_changed_is_made_again()
    {
        using var bench = new ClusterBench();
        bench.Photos(3);
        var engine = new StubEngine();
        _ = bench.StartWorker(engine);
        await bench.FeedAsync();

        File.Delete(Path.Combine(bench.Out, "000.png"));
        await File.WriteAllTextAsync(Path.Combine(bench.In, "001.png"), "another photo");
        File.SetLastWriteTimeUtc(Path.Combine(bench.In, "002.png"), new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        (await bench.FeedAsync(plan => plan with { Foreign = ForeignResults.Replace })).Failed.ShouldBe(0);

        (engine.Runs["000.png"], engine.Runs["001.png"]).ShouldBe((2, 2));
        engine.Runs["002.png"].ShouldBe(1, "its content is the same, whatever its time");
        bench.ShouldBeWhole();
    }

    [Fact]
    public async Task Photos_can_be_told_apart_by_path_size_and_time_without_reading_them()
    {
        using var bench = new ClusterBench();
        bench.Photos(3);
        var engine = new StubEngine();
        _ = bench.StartWorker(engine);

        (await bench.FeedAsync(plan => plan with { ByContent = false })).Failed.ShouldBe(0);
        (await bench.FeedAsync(plan => plan with { ByContent = false })).Failed.ShouldBe(0);

        engine.Runs.Values.ShouldAllBe(runs => runs == 1);
        bench.Records.ShouldAllBe(record => record.Job.Input.Sha256 == null);
    }

    [Fact]
    public async Task A_photo_that_is_missing_or_of_a_kind_that_is_not_read_is_named_and_needs_no_worker()
    {
        using var bench = new ClusterBench();
        bench.Photos(1);
        File.Delete(Path.Combine(bench.In, "000.png"));

        var fed = await bench.FeedAsync(plan =>
            plan with
            {
                Items = () => plan.Items().Append(new FeedItem("b.gif", ["b.png"], "b.gif is not read.")),
            }
        );

        fed.Results.Select(result => result.Failure).ShouldBe(["The file is missing, or it is a folder.", "b.gif is not read."]);
        bench.InProcess.Added.ShouldBe(0);
    }

    [Fact]
    public async Task Who_is_stopped_leaves_the_workers_to_go_on_or_withdraws_the_rest()
    {
        using var bench = new ClusterBench();
        bench.Photos(3);
        foreach (var withdraws in new[] { false, true })
        {
            using var stop = new CancellationTokenSource();
            var feeding = bench.FeedAsync(plan => plan with { WithdrawsOnStop = withdraws }, cancellation: stop.Token);
            while (bench.InProcess.Added % 3 != 0 || bench.InProcess.Added == 0)
            {
                await Task.Delay(10);
            }

            await Task.Delay(50);
            await stop.CancelAsync();
            await Should.ThrowAsync<OperationCanceledException>(() => feeding);

            (await bench.Queue.BatchesAsync(CancellationToken.None)).Count.ShouldBe(withdraws ? 0 : 1);
        }
    }
}
