using DiffBir.Cluster.Stores;
using DiffBir.Cluster.Tests.Support;

namespace DiffBir.Cluster.Tests.S3;

/// <summary>Batches from a bucket into a bucket hold what those of folders hold.</summary>
public sealed class S3BatchTests : IDisposable
{
    private readonly S3Double _s3 = new() { PageSize = 3 };

    public void Dispose() => _s3.Dispose();

    [Fact]
    public async Task Each_photo_gets_one_result_and_one_record_from_several_workers()
    {
        using var bench = new ClusterBench(s3: _s3);
        bench.Photos(20);
        bench.Photo("bad.png", StubEngine.NoImage);
        _ = bench.StartWorker(new StubEngine(), "one");
        _ = bench.StartWorker(new StubEngine(), "two");

        var fed = await bench.FeedAsync();
        var again = await bench.FeedAsync();

        fed.Failed.ShouldBe(1);
        fed.Of("bad.png").Failure.ShouldBe("s3://photos/in/bad.png is no image.");
        again.Failed.ShouldBe(1);
        bench.ShouldBeWhole("bad.png");
        bench.ShouldBeTidy();
    }

    [Fact]
    public async Task A_photo_costs_the_requests_that_the_plan_counts()
    {
        const int Photos = 20;
        using var bench = new ClusterBench(s3: _s3);
        bench.Photos(Photos);
        var marks = 0;
        _s3.Fault = (_, method, key) =>
        {
            _ = method == "HEAD" && Layout.BatchOfMark(key) is not null ? Interlocked.Increment(ref marks) : 0;
            return S3Fault.None;
        };
        _ = bench.StartWorker(new StubEngine());

        await bench.FeedAsync();

        // For each batch: two probes and a mark, which go again; and what workers and feeders ask of the mark as time goes on.
        _s3.Requests["PUT"].ShouldBe((4 * Photos) + 3); // attempt, promise, result, record
        _s3.Requests["DELETE"].ShouldBe((2 * Photos) + 2); // attempt, promise
        _s3.Requests["GET"].ShouldBe(6 * Photos); // content twice; record by the worker, and in three passes
        _s3.Requests["LIST"].ShouldBe((2 * Photos) + 1); // attempts; what goes
        (_s3.Requests["HEAD"] - marks).ShouldBe((6 * Photos) + 1); // photo and result in three passes; the second probe
    }

    [Fact]
    public async Task A_store_that_fails_is_slow_conflicts_and_loses_answers_costs_no_photo()
    {
        using var bench = new ClusterBench(s3: _s3);
        bench.Photos(12);
        S3Fault[] faults = [S3Fault.Fails, S3Fault.SlowDown, S3Fault.LosesAnswer, S3Fault.Cuts];
        _s3.Fault = (number, method, _) =>
            method == "PUT" && number % 7 == 0 ? S3Fault.Conflicts
            : number == 60 ? S3Fault.Hangs
            : number % 13 == 0 ? faults[number / 13 % faults.Length]
            : S3Fault.None;
        _ = bench.StartWorker(new StubEngine(), "one");
        _ = bench.StartWorker(new StubEngine(), "two");

        var fed = await bench.FeedAsync();

        fed.Failed.ShouldBe(0);
        bench.ShouldBeWhole();
        bench.ShouldBeTidy();
    }

    [Fact]
    public async Task A_store_that_is_away_is_waited_for_and_no_photo_is_blamed_for_it()
    {
        using var bench = new ClusterBench(s3: _s3);
        bench.Photos(4);
        var isAway = 0;
        _s3.Fault = (number, method, key) =>
        {
            // 409 is not asked again by the client itself: what a longer outage is, in a moment.
            isAway = key == "in/002.png" && method == "HEAD" ? isAway + 1 : isAway;
            return isAway is 1 or 2 && method == "HEAD" ? S3Fault.Conflicts : S3Fault.None;
        };
        _ = bench.StartWorker(new StubEngine());

        var fed = await bench.FeedAsync();

        fed.Failed.ShouldBe(0);
        fed.Said.ShouldContain("Photos or results cannot be reached now");
        bench.ShouldBeWhole();
    }
}
