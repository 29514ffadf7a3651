using DiffBir.Cluster.Tests.Support;
using DiffBir.Tests.Support;

namespace DiffBir.Tests.Cli.Clusters;

/// <summary>Batches on a cluster, from the command line, with a real server and real networks.</summary>
public sealed class ClusterTests : IDisposable
{
    private readonly RestoreBench _bench = new();
    private readonly CancellationTokenSource _end = new();

    public void Dispose()
    {
        _end.Cancel();
        _end.Dispose();
        _bench.Dispose();
    }

    [NatsFact]
    public async Task A_cluster_gives_the_bytes_that_one_machine_gives_and_what_is_done_is_not_done_again()
    {
        using var server = new NatsServer();
        _bench.Picture("a.png");
        _bench.Picture("b/c.jpg");
        await _bench.Run(_bench.In, "-o", _bench.Out, "--samples", "2");
        var alone = _bench.Results().ToDictionary(name => name, _bench.Digest);
        Directory.Delete(_bench.Out, recursive: true);
        var worker = StartWorker(server);

        var run = await Restore(server, "--samples", "2");
        var results = _bench.Results().Where(name => !name.StartsWith('.')).ToDictionary(name => name, _bench.Digest);
        var again = await Restore(server, "--samples", "2");
        await _end.CancelAsync();

        run.ExitCode.ShouldBe(0, run.Error);
        run.Output.ShouldContain(
            $"{Path.Combine(_bench.In, "a.png")} -> {_bench.Result("a_0.png")}, {_bench.Result("a_1.png")} ("
        );
        results.ShouldBe(alone);
        again.ExitCode.ShouldBe(0);
        again.Output.Split('\n').Count(line => line.EndsWith(": done before", StringComparison.Ordinal)).ShouldBe(2);
        (await worker).ExitCode.ShouldBe(0);
    }

    [NatsFact]
    public async Task What_is_no_photo_is_named_and_tried_again_only_when_that_is_asked_for()
    {
        using var server = new NatsServer();
        _bench.Picture("a.png");
        _bench.Garbage("b.png");
        _ = StartWorker(server);

        var run = await Restore(server);
        var named = await CommandLine.Run("cluster", "failed", _bench.Out);
        var json = await CommandLine.Run("cluster", "failed", _bench.Out, "--json");
        var forgotten = await CommandLine.Run("cluster", "retry", _bench.Out);
        var none = await CommandLine.Run("cluster", "failed", _bench.Out);

        run.ExitCode.ShouldBe(1);
        run.Error.ShouldContain(Path.Combine(_bench.In, "b.png"));
        run.Error.ShouldContain("1 of 2 photos were not restored; the lines above say why.");
        named.Output.ShouldContain(Path.Combine(_bench.In, "b.png"));
        json.Output.ShouldContain("\"kind\":\"permanent\"");
        forgotten.Output.ShouldStartWith("Failures forgotten: 1.");
        none.Output.ShouldBeEmpty();
    }

    [NatsFact]
    public async Task A_batch_without_workers_says_so_can_be_left_seen_and_withdrawn()
    {
        using var server = new NatsServer();
        _bench.Picture("a.png");

        var left = await CommandLine.RunUntil("No worker answers.", Arguments(server));
        var status = await CommandLine.Run("cluster", "status", "--cluster", server.Url);
        var batch = status.Output.Split(' ')[1];
        var withdrawn = await CommandLine.Run("cluster", "cancel", batch, "--cluster", server.Url);
        var unknown = await CommandLine.Run("cluster", "cancel", batch, "--cluster", server.Url);

        left.ExitCode.ShouldBe(130);
        left.Error.ShouldContain("The workers go on with what they were given.");
        status.Output.ShouldContain("1 waiting, 0 running");
        status.Output.ShouldContain("Batches under way: 1; workers: 0.");
        withdrawn.ExitCode.ShouldBe(0);
        unknown.ExitCode.ShouldBe(2);
        unknown.Error.ShouldContain($"There is no batch {batch}.");
    }

    [NatsFact]
    public async Task A_worker_with_other_weights_refuses_the_batch_and_that_is_told_to_who_waits()
    {
        using var server = new NatsServer();
        _bench.Picture("a.png");
        var copy = Directory.CreateDirectory(Path.Combine(_bench.Folder, "other")).FullName;
        foreach (var file in Directory.EnumerateFiles(_bench.Weights))
        {
            File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
        }

        foreach (var file in Directory.EnumerateFiles(copy))
        {
            await File.AppendAllTextAsync(file, "x");
        }

        _ = StartWorker(server, copy);

        var run = await CommandLine.RunUntil("refuses this batch", Arguments(server));

        run.ExitCode.ShouldBe(130);
        run.Error.ShouldContain("has other weights here. Put the same files on all machines");
    }

    [Theory]
    [InlineData("--threads is decided by each worker of a cluster. Give it to diffbir worker.", "--threads", "2")]
    [InlineData("--save-intermediates is for restorations on this machine.", "--save-intermediates", "steps")]
    [InlineData("--dry-run is for restorations on this machine.", "--dry-run")]
    [InlineData("Workers see no pipe of this machine.", "-")]
    public async Task What_workers_cannot_do_or_decide_themselves_is_refused(string sentence, params string[] options)
    {
        _bench.Picture("a.png");

        var run = await CommandLine.Run([.. Arguments("nats://127.0.0.1:1"), .. options]);

        run.ExitCode.ShouldBe(2);
        run.Error.ShouldContain(sentence);
    }

    [Theory]
    [InlineData("--otlp", "http://127.0.0.1:4317")]
    [InlineData("--job-by", "path")]
    [InlineData("--cluster-cancel")]
    [InlineData("--cluster-token", "t")]
    [InlineData("--cluster-credentials", "me.creds")]
    [InlineData("--cluster-ca", "ca.pem")]
    public async Task What_means_something_to_a_cluster_alone_is_refused_without_one(params string[] given)
    {
        _bench.Picture("a.png");

        var run = await _bench.Run([_bench.In, "-o", _bench.Out, .. given]);

        run.ExitCode.ShouldBe(2, run.Error);
        run.Error.ShouldContain($"{given[0]} is for photos that a cluster restores. Name its server (--cluster).");
        _bench.Results().ShouldBeEmpty();
    }

    [Theory]
    [InlineData("http://me:secret@127.0.0.1", 2, "The address of the queue is not understood.")]
    [InlineData("nats://me:secret@127.0.0.1:1", 1, "No NATS server lets us in at 127.0.0.1:1.")]
    public async Task A_password_in_an_address_is_never_repeated(string url, int code, string sentence)
    {
        _bench.Picture("a.png");

        foreach (var run in new[] { await CommandLine.Run(Arguments(url)), await CommandLine.Run("worker", "--cluster", url) })
        {
            run.ExitCode.ShouldBe(code);
            run.Error.ShouldContain(sentence);
            (run.Output + run.Error).ShouldNotContain("secret");
        }
    }

    [NatsFact]
    public async Task A_worker_that_is_sent_SIGTERM_ends_in_order_and_logs_no_name_of_a_photo()
    {
        using var server = new NatsServer();
        _bench.Picture("grandmother.png");
        using var worker = ObservedProgram.Start(isTraced: false, Worker(server.Url, _bench.Weights));
        await worker.HearAsync("waits for batches");
        var run = await Restore(server);

        await worker.SignalAsync("TERM");
        var code = await worker.EndAsync();

        run.ExitCode.ShouldBe(0, run.Error);
        code.ShouldBe(0);
        worker.Said.ShouldContain(": restored");
        worker.Said.ShouldContain("Stopped. What was not finished is handed back.");
        worker.Said.ShouldNotContain("grandmother");
    }

    [NatsFact]
    public async Task Photos_in_a_bucket_get_the_bytes_that_one_machine_gives_into_a_bucket()
    {
        using var server = new NatsServer();
        using var s3 = new S3Double();
        foreach (var name in new[] { "a.png", "b/c.jpg" })
        {
            s3.Put("photos", $"in/{name}", await File.ReadAllBytesAsync(_bench.Picture(name)));
        }

        s3.Put("photos", "in/d.png", "no picture"u8.ToArray());
        await _bench.Run(_bench.In, "-o", _bench.Out);
        using var worker = ObservedProgram.StartIn(s3.Environment, Worker(server.Url, _bench.Weights));
        string[] places = ["s3://photos/in", "-o", "s3://photos/out"];
        string[] arguments = ["--model", _bench.Pack, "--weights", _bench.Weights, "--cluster", server.Url];
        using var restore = ObservedProgram.StartIn(s3.Environment, ["restore", .. places, .. arguments]);
        var code = await restore.EndAsync();
        using var failed = ObservedProgram.StartIn(s3.Environment, "cluster", "failed", "s3://photos/out");
        await failed.EndAsync();

        code.ShouldBe(1, restore.Said);
        s3.Keys("photos", "out/").Where(name => !name.StartsWith('.')).ShouldBe(_bench.Results(), restore.Said);
        _bench
            .Results()
            .ShouldAllBe(name => s3.Content("photos", $"out/{name}").SequenceEqual(File.ReadAllBytes(_bench.Result(name))));
        restore.Said.ShouldContain("s3://photos/in/a.png -> s3://photos/out/a.png (");
        failed.Said.ShouldContain("s3://photos/in/d.png");
        failed.Said.ShouldNotContain(".scratch");
        (worker.Said + restore.Said).ShouldNotContain("password");
        worker.ScratchFiles.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_bucket_without_a_cluster_is_refused()
    {
        var run = await CommandLine.Run("restore", "s3://photos/in", "-o", _bench.Out);

        run.ExitCode.ShouldBe(2);
        run.Error.ShouldContain("Name the cluster (--cluster).");
    }

    private static string[] Worker(string url, string weights) =>
        ["worker", "--cluster", url, "--weights", weights, "--device", "cpu", "--threads", "1"];

    private Task<CommandLine> StartWorker(NatsServer server, string? weights = null) =>
        CommandLine.Run(_end.Token, Worker(server.Url, weights ?? _bench.Weights));

    private Task<CommandLine> Restore(NatsServer server, params string[] options) =>
        CommandLine.Run([.. Arguments(server), .. options]);

    private string[] Arguments(NatsServer server) => Arguments(server.Url);

    private string[] Arguments(string url) =>
        ["restore", _bench.In, "-o", _bench.Out, "--model", _bench.Pack, "--weights", _bench.Weights, "--cluster", url];
}
