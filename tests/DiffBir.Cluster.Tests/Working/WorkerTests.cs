using DiffBir.Cluster.Feeding;
using DiffBir.Cluster.Jobs;
using DiffBir.Cluster.Queues;
using DiffBir.Cluster.Tests.Support;
using DiffBir.Cluster.Working;

namespace DiffBir.Cluster.Tests.Working;

/// <summary>What a worker does with photos that fail, and with signals.</summary>
public sealed class WorkerTests
{
    [Fact]
    public async Task A_photo_that_killed_three_workers_is_set_aside_with_the_evidence_and_blocks_no_other()
    {
        using var bench = new ClusterBench();
        bench.Photo("a.png", "poison");
        bench.Photos(3);
        using var forever = new ManualResetEventSlim();
        var deaths = new SemaphoreSlim(0);
        var engine = new StubEngine
        {
            Before = (task, _) =>
            {
                if (task.Job.Outputs[0] == "a.png")
                {
                    deaths.Release();
                    forever.Wait();
                }
            },
        };
        var feeding = bench.FeedAsync();
        for (var death = 1; death <= 3; death++)
        {
            _ = bench.StartWorker(engine, $"victim {death}");
            (await deaths.WaitAsync(ClusterBench.Patience)).ShouldBeTrue();
            bench.InProcess.ExpireLeases();
        }

        _ = bench.StartWorker(engine, "survivor");
        var fed = await feeding;
        forever.Set();

        fed.Failed.ShouldBe(1);
        fed.Of("a.png").Failure!.ShouldContain("3 workers ended in the middle of it (victim 1, victim 2, victim 3).");
        var failure = bench.Records.Single(record => record.Failure is not null).Failure!;
        failure.Kind.ShouldBe(FailureKind.SetAside);
        failure.Attempts.Select(attempt => attempt.Worker).ShouldBe(["victim 1", "victim 2", "victim 3"]);
        bench.ShouldBeWhole(failed: "a.png");
    }

    [Fact]
    public async Task What_is_no_image_is_recorded_at_once_and_not_tried_again()
    {
        using var bench = new ClusterBench();
        bench.Photos(2);
        bench.Photo("bad.png", StubEngine.NoImage);
        var engine = new StubEngine();
        _ = bench.StartWorker(engine);

        var first = await bench.FeedAsync();
        var second = await bench.FeedAsync();

        first.Failed.ShouldBe(1);
        first.Of("bad.png").Failure!.ShouldEndWith("bad.png is no image.");
        second.Of("bad.png").Failure.ShouldBe(first.Of("bad.png").Failure);
        engine.Runs["bad.png"].ShouldBe(1);
        bench.ShouldBeWhole(failed: "bad.png");
    }

    [Fact]
    public async Task What_fails_for_a_passing_reason_is_tried_again_and_the_evidence_is_gone_after_success()
    {
        using var bench = new ClusterBench();
        bench.Photos(3);
        var engine = new StubEngine { Before = (_, run) => Fail(run < 3) };
        _ = bench.StartWorker(engine);

        (await bench.FeedAsync()).Failed.ShouldBe(0);

        engine.Runs.Values.ShouldAllBe(runs => runs == 3);
        bench.ShouldBeWhole();
        bench.ShouldBeTidy();
    }

    [Fact]
    public async Task What_fails_each_time_is_swept_out_of_the_queue_named_and_tried_again_by_the_next_run()
    {
        using var bench = new ClusterBench();
        bench.Photos(2);
        var isAway = true;
        var engine = new StubEngine { Before = (_, _) => Fail(isAway) };
        _ = bench.StartWorker(engine);

        var first = await bench.FeedAsync();
        var failed = first.Of("000.png").Failure;
        isAway = false;
        var second = await bench.FeedAsync();

        first.Failed.ShouldBe(2);
        failed.ShouldBe("It failed 4 times, at last so: The store is away.");
        second.Failed.ShouldBe(0);
        bench.ShouldBeWhole();
    }

    [SmallDiskFact]
    public async Task A_full_disk_is_waited_out()
    {
        using var disk = new SmallDisk(1 << 20);
        using var bench = new ClusterBench(output: disk.Path);
        bench.Photos(3);
        await bench.Store.TryWriteAsync(DiffBir.Cluster.Stores.Layout.Mark(bench.Batch.Id), new byte[1], CancellationToken.None);
        disk.Fill();
        var refused = new TaskCompletionSource();
        _ = bench.StartWorker(
            new StubEngine(),
            events: new WorkEvents { OnTell = said => _ = said.Contains("tried again") && refused.TrySetResult() }
        );
        // A feeder would not begin on a full disk: it is fed by hand.
        await bench.Queue.OpenAsync(bench.Batch, CancellationToken.None);
        foreach (var name in Directory.EnumerateFiles(bench.In).Select(path => Path.GetFileName(path)))
        {
            var file = new FileInfo(Path.Combine(bench.In, name));
            var sha256 = DiffBir.Files.FileHash.Sha256(file.FullName, CancellationToken.None);
            var input = new JobInput(file.FullName, file.Length, file.LastWriteTimeUtc.Ticks, sha256);
            await bench.Queue.EnqueueAsync(
                bench.Batch.Id,
                Job.Of(input, [name], bench.Batch.Recipe.Hash()),
                CancellationToken.None
            );
        }

        await refused.Task.WaitAsync(ClusterBench.Patience);
        disk.Empty();

        (await bench.FeedAsync()).Failed.ShouldBe(0);
        bench.ShouldBeWhole();
    }

    [Fact]
    public async Task A_worker_that_may_not_take_a_batch_says_why_and_leaves_it_to_others()
    {
        using var bench = new ClusterBench();
        bench.Photos(2);
        var said = new TaskCompletionSource<string>();
        var other = new StubEngine { Refuses = "it was made by version 2, and this worker is 1." };
        _ = bench.StartWorker(other, "old", new WorkEvents { OnTell = line => said.TrySetResult(line) });
        var feeding = bench.FeedAsync();

        (await said.Task.WaitAsync(ClusterBench.Patience)).ShouldBe($"Batch {bench.Batch.Id} is refused: {other.Refuses}");
        _ = bench.StartWorker(new StubEngine());
        await feeding;

        other.Runs.ShouldBeEmpty();
        bench.ShouldBeWhole();
        (await feeding).Progress.ShouldContain(progress =>
            progress.Workers.Any(worker => worker.Refused.ContainsKey(bench.Batch.Id))
        );
    }

    [Fact]
    public async Task A_worker_whose_folder_is_not_mounted_refuses_the_batch_makes_nothing_and_takes_it_when_it_is_there()
    {
        using var bench = new ClusterBench();
        bench.Photos(2);
        var mark = Path.Combine(bench.Out, DiffBir.Cluster.Stores.Layout.Mark(bench.Batch.Id));
        var said = new TaskCompletionSource<string>();
        var engine = new StubEngine();
        await bench.Queue.OpenAsync(bench.Batch, CancellationToken.None); // as a feeder that sees another folder does
        Directory.Delete(bench.Out);
        _ = bench.StartWorker(engine, events: new WorkEvents { OnTell = line => said.TrySetResult(line) });

        var refusal = await said.Task.WaitAsync(ClusterBench.Patience);
        var isMade = Directory.Exists(bench.Out);
        Directory.CreateDirectory(Path.GetDirectoryName(mark)!);
        await File.WriteAllTextAsync(mark, "");
        var fed = await bench.FeedAsync();

        refusal.ShouldStartWith(
            $"Batch {bench.Batch.Id} is refused: its output {bench.Out} is not what the feeder sees under this name"
        );
        isMade.ShouldBeFalse();
        fed.Failed.ShouldBe(0);
        bench.ShouldBeWhole();
    }

    [Fact]
    public async Task Who_waits_sees_how_far_a_worker_is_with_its_photo()
    {
        using var bench = new ClusterBench();
        bench.Photos(1);
        var half = new JobProgress(DiffBir.Restoration.RestorationStage.Sampling, 5, 10, 0.5, 20);
        var seen = new ManualResetEventSlim();
        var engine = new StubEngine
        {
            Before = (task, _) =>
            {
                task.Report(half);
                seen.Wait(ClusterBench.Patience);
            },
        };
        _ = bench.StartWorker(engine);
        var feeding = bench.FeedAsync(hear: progress =>
        {
            if (progress.Workers.Any(worker => worker.Progress.Values.Contains(half)))
            {
                seen.Set();
            }
        });

        (await feeding).Failed.ShouldBe(0);

        seen.IsSet.ShouldBeTrue();
        (await bench.Queue.WorkersAsync(CancellationToken.None)).ShouldAllBe(worker => worker.Progress.Count == 0);
    }

    [Fact]
    public async Task A_photo_of_a_batch_that_was_withdrawn_with_its_folder_is_given_up()
    {
        using var bench = new ClusterBench();
        bench.Photos(1);
        var (begun, ended) = (new TaskCompletionSource(), new TaskCompletionSource());
        var slow = new StubEngine
        {
            Before = (_, _) => begun.TrySetResult(),
            Wait = token =>
            {
                token.WaitHandle.WaitOne(ClusterBench.Patience);
                ended.TrySetResult();
            },
        };
        _ = bench.StartWorker(slow);
        using var stop = new CancellationTokenSource();
        var feeding = bench.FeedAsync(plan => plan with { WithdrawsOnStop = true }, cancellation: stop.Token);
        await begun.Task.WaitAsync(ClusterBench.Patience);

        await stop.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => feeding);
        Directory.Delete(bench.Out, recursive: true);

        await ended.Task.WaitAsync(ClusterBench.Patience / 2);
        await bench.UntilIdleAsync("worker");
        Directory.Exists(Path.Combine(bench.Out, DiffBir.Cluster.Stores.Layout.Records)).ShouldBeFalse();
    }

    [Fact]
    public async Task A_worker_that_is_told_to_end_hands_its_photo_back_and_that_is_no_death()
    {
        using var bench = new ClusterBench();
        bench.Photo("a.png", "photo");
        using var stop = new CancellationTokenSource();
        var begun = new TaskCompletionSource();
        var slow = new StubEngine
        {
            Before = (_, _) =>
            {
                begun.TrySetResult();
                Thread.Sleep(500); // longer than it may go on
            },
        };
        var worker = bench.StartWorker(slow, stop: stop.Token);
        var feeding = bench.FeedAsync();
        await begun.Task.WaitAsync(ClusterBench.Patience);

        await stop.CancelAsync();
        await worker.WaitAsync(ClusterBench.Patience);
        var state = await bench.Queue.StateAsync(bench.Batch.Id, CancellationToken.None);
        _ = bench.StartWorker(new StubEngine(), "next");
        await feeding;

        state.ShouldBe(new QueueState(All: 1, Waiting: 0, Running: 1));
        bench.ShouldBeWhole();
        bench.Records.ShouldHaveSingleItem().Worker.ShouldBe("next");
    }

    private static void Fail(bool fails)
    {
        if (fails)
        {
            throw new IOException("The store is away.");
        }
    }
}
