using System.Collections.Concurrent;
using DiffBir.Cluster.Jobs;
using DiffBir.Cluster.Tests.Support;
using DiffBir.Cluster.Working;

namespace DiffBir.Cluster.Tests.Working;

/// <summary>The first to commit wins; whoever dies, nothing is lost and nothing is twice.</summary>
public sealed class CommitTests
{
    public static TheoryData<string, bool> StepsAndPlaces
    {
        get
        {
            var all = new TheoryData<string, bool>();
            foreach (var step in Enum.GetNames<WorkStep>())
            {
                all.Add(step, false);
                all.Add(step, true);
            }

            return all;
        }
    }

    [Theory]
    [MemberData(nameof(StepsAndPlaces))]
    public async Task A_worker_that_dies_at_any_step_costs_no_photo_in_a_folder_or_in_a_bucket(string step, bool inBucket)
    {
        using var s3 = inBucket ? new S3Double { PageSize = 3 } : null;
        using var bench = new ClusterBench(s3: s3);
        bench.Photos(5);
        _ = bench.StartWorkerThatDies(Enum.Parse<WorkStep>(step), out var died);
        var feeding = bench.FeedAsync();
        await died.Task.WaitAsync(ClusterBench.Patience);

        _ = bench.StartWorker(new StubEngine());
        bench.InProcess.ExpireLeases();
        var fed = await feeding;

        fed.Failed.ShouldBe(0);
        fed.Results.Count.ShouldBe(5);
        bench.ShouldBeWhole();
        bench.ShouldLeaveOnlyRecords();
        if (!inBucket)
        {
            bench.ShouldBeTidy(); // drafts in the folder itself; those of a bucket are on the machine of who is dead
        }
    }

    [Theory]
    [MemberData(nameof(StepsAndPlaces))]
    public async Task Who_lost_its_lease_and_finishes_late_changes_nothing_and_calls_nothing_a_failure(string step, bool inBucket)
    {
        using var s3 = inBucket ? new S3Double() : null;
        using var bench = new ClusterBench(s3: s3);
        var said = new ConcurrentQueue<string>();
        bench.Photo("a.png", "photo");
        // Else the test would go on inside the worker that sets them.
        const TaskCreationOptions Apart = TaskCreationOptions.RunContinuationsAsynchronously;
        var (held, release) = (new TaskCompletionSource(Apart), new TaskCompletionSource(Apart));
        var late = new TaskCompletionSource<JobRecord>(Apart);
        _ = bench.StartWorker(
            new StubEngine(),
            "late",
            new WorkEvents
            {
                OnRecord = record => late.TrySetResult(record),
                OnTell = said.Enqueue,
                OnStep = async (at, _) =>
                {
                    if (at == Enum.Parse<WorkStep>(step) && held.TrySetResult())
                    {
                        await release.Task;
                    }
                },
            }
        );
        var feeding = bench.FeedAsync();
        await held.Task.WaitAsync(ClusterBench.Patience);
        _ = bench.StartWorker(new StubEngine(), "other");
        bench.InProcess.ExpireLeases();
        (await feeding).Failed.ShouldBe(0);
        var before = bench.Records.ShouldHaveSingleItem();

        release.SetResult();
        var told = await late.Task.WaitAsync(ClusterBench.Patience);
        await bench.UntilIdleAsync("late");

        told.Finished.ShouldBe(before.Finished);
        said.ShouldHaveSingleItem().ShouldBe($"Batch {bench.Batch.Id} is taken.");
        bench.Records.ShouldHaveSingleItem().Finished.ShouldBe(before.Finished);
        bench.ShouldBeWhole();
    }

    [Fact]
    public async Task A_file_that_came_in_between_is_not_replaced()
    {
        using var bench = new ClusterBench();
        bench.Photo("a.png", "photo");
        var theirs = Path.Combine(bench.Out, "a.png");
        _ = bench.StartWorker(new StubEngine { Before = (_, _) => File.WriteAllText(theirs, "theirs") });

        var fed = await bench.FeedAsync();

        fed.Of("a.png").Failure!.ShouldContain("a.png is already there, and no result of this batch.");
        (await File.ReadAllTextAsync(theirs)).ShouldBe("theirs");
    }

    [Fact]
    public async Task What_was_given_up_meanwhile_stays_so_and_a_late_result_is_withdrawn()
    {
        using var bench = new ClusterBench();
        bench.Photo("a.png", "photo");
        var records = new DiffBir.Cluster.Stores.JobRecords(bench.Store);
        _ = bench.StartWorker(
            new StubEngine(),
            events: new WorkEvents
            {
                OnStep = async (at, job) =>
                {
                    if (at == WorkStep.Committed)
                    {
                        var failure = new JobFailure(FailureKind.SetAside, "It is set aside.", []);
                        var record = new JobRecord
                        {
                            Job = job,
                            Recipe = bench.Batch.Recipe.Hash(),
                            Failure = failure,
                            Worker = "other",
                            Finished = default,
                        };
                        await records.WriteAsync(record, CancellationToken.None);
                    }
                },
            }
        );

        var fed = await bench.FeedAsync();

        fed.Of("a.png").Failure.ShouldBe("It is set aside.");
        bench.ShouldBeWhole(failed: "a.png");
    }
}
