using System.Net.Http.Json;
using System.Text.Json;
using DiffBir.Cluster.Tests.Support;
using DiffBir.Tests.Support;

namespace DiffBir.Tests.Cli.Clusters;

/// <summary>A server whose photos are restored by the workers of a cluster, with a real queue and real networks.</summary>
public sealed class ServeClusterTests : IDisposable
{
    private const string Started = "DiffBir is at ";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);
    private static readonly HttpClient Client = new();

    private readonly RestoreBench _bench = new();
    private readonly CancellationTokenSource _end = new();
    private readonly List<Task> _running = [];
    private readonly List<string> _workerSaid = [];

    public ServeClusterTests() => Directory.CreateDirectory(Place);

    private string Place => Path.Combine(_bench.Folder, "place");

    private string[] Left => Directory.GetFiles(Place, "*", SearchOption.AllDirectories);

    public void Dispose()
    {
        _end.Cancel();
        _ = Task.WhenAll(_running).Wait(Patience);
        _end.Dispose();
        _bench.Dispose();
    }

    [NatsFact]
    public async Task An_upload_gets_the_bytes_of_a_local_run_and_a_broken_one_a_sentence()
    {
        using var queue = new NatsServer();
        var photo = _bench.Picture("a.png");
        var broken = Path.Combine(_bench.In, "b.png");
        await File.WriteAllBytesAsync(broken, (await File.ReadAllBytesAsync(photo))[..^60]);
        await _bench.Run(photo, "-o", _bench.Result("a.png"));
        StartWorker(queue);
        var (server, _) = await StartServerAsync(queue);

        var ids = await Task.WhenAll(UploadAsync(server, photo), UploadAsync(server, broken));
        var done = await EndAsync(server, ids[0]);
        var failed = await EndAsync(server, ids[1]);
        var result = await ResultAsync(server, ids[0]);

        done.GetProperty("state").GetString().ShouldBe("done", done.GetRawText());
        result.ShouldBe(await File.ReadAllBytesAsync(_bench.Result("a.png")));
        failed.GetProperty("state").GetString().ShouldBe("failed");
        var error = failed.GetProperty("error");
        error.GetProperty("code").GetString().ShouldBe("image-broken");
        error.GetProperty("message").GetString()!.ShouldStartWith("The photo ");
        failed.GetRawText().ShouldNotContain(_bench.Folder);
    }

    [NatsFact]
    public async Task To_cancel_withdraws_the_photo_and_leaves_nothing_of_it_in_the_shared_place()
    {
        using var queue = new NatsServer();
        var (server, _) = await StartServerAsync(queue);
        var id = await UploadAsync(server, _bench.Picture("a.png"));
        await UntilAsync(async () => (await StatusAsync(queue)).Contains("1 waiting", StringComparison.Ordinal));

        using var cancelled = await Client.PostAsync(new Uri(server, $"api/restorations/{id}/cancel"), null);

        (await EndAsync(server, id)).GetProperty("state").GetString().ShouldBe("cancelled");
        (await StatusAsync(queue)).ShouldContain("Batches under way: 0;");
        Left.ShouldBeEmpty();
    }

    [NatsFact]
    public async Task A_photo_that_was_out_when_the_server_stopped_is_found_again_and_not_restored_twice()
    {
        using var queue = new NatsServer();
        var (server, stop) = await StartServerAsync(queue);
        var id = await UploadAsync(server, _bench.Picture("a.png"));
        await UntilAsync(async () => (await StatusAsync(queue)).Contains("1 waiting", StringComparison.Ordinal));
        await stop();

        StartWorker(queue);
        await UntilAsync(() => Task.FromResult(Restored == 1));
        var (again, _) = await StartServerAsync(queue);
        var job = await EndAsync(again, id);

        job.GetProperty("state").GetString().ShouldBe("done", job.GetRawText());
        Restored.ShouldBe(1);
    }

    [NatsFact]
    public async Task A_server_that_is_killed_finds_its_photos_again_and_each_has_one_result()
    {
        using var queue = new NatsServer();
        var photos = new[] { _bench.Picture("a.png"), _bench.Picture("b.png", side: 48) };
        await _bench.Run(_bench.In, "-o", _bench.Out);
        using var victim = ObservedProgram.Start(isTraced: false, Serve(queue, Place));
        var killed = await AddressAsync(victim);
        var ids = await Task.WhenAll(photos.Select(photo => UploadAsync(killed, photo)));
        await UntilAsync(async () => (await StatusAsync(queue)).Split("1 waiting").Length == 3);
        await victim.SignalAsync("KILL");
        await victim.EndAsync();

        StartWorker(queue);
        var (server, _) = await StartServerAsync(queue);
        var jobs = await Task.WhenAll(ids.Select(id => EndAsync(server, id)));
        var results = await Task.WhenAll(ids.Select(id => ResultAsync(server, id)));

        jobs.ShouldAllBe(job => job.GetProperty("state").GetString() == "done");
        results.ShouldBe(photos.Select(photo => File.ReadAllBytes(_bench.Result(Path.GetFileName(photo)))));
        Restored.ShouldBe(photos.Length);
    }

    [NatsFact]
    public async Task Photos_go_through_a_bucket_where_the_place_is_one()
    {
        using var queue = new NatsServer();
        using var s3 = new S3Double();
        var photo = _bench.Picture("a.png");
        await _bench.Run(photo, "-o", _bench.Result("a.png"));
        using var worker = ObservedProgram.StartIn(s3.Environment, Worker(queue));
        using var serving = ObservedProgram.StartIn(s3.Environment, Serve(queue, "s3://bucket/place"));
        var server = await AddressAsync(serving);
        var id = await UploadAsync(server, photo);

        var job = await EndAsync(server, id);

        job.GetProperty("state").GetString().ShouldBe("done", job.GetRawText());
        (await ResultAsync(server, id)).ShouldBe(await File.ReadAllBytesAsync(_bench.Result("a.png")));
        s3.Keys("bucket", "").ShouldAllBe(key => key.StartsWith("place/"));
        s3.Keys("bucket", "").ShouldContain(key => key.EndsWith("/result.png"));
        serving.ScratchFiles.ShouldBeEmpty();
        (serving.Said + worker.Said).ShouldNotContain(s3.Environment["AWS_SECRET_ACCESS_KEY"]);
    }

    [NatsFact]
    public async Task The_page_sees_a_worker_go_on()
    {
        using var queue = new NatsServer();
        StartWorker(queue);
        var (server, _) = await StartServerAsync(queue);
        var id = await UploadAsync(server, _bench.Picture("a.png", side: 192), ("steps", "1000"));
        var seen = new SortedSet<double>();

        await UntilAsync(async () =>
        {
            var job = await Client.GetFromJsonAsync<JsonElement>(new Uri(server, $"api/restorations/{id}"));
            job.GetProperty("state").GetString().ShouldBeOneOf("queued", "running");
            if (job.GetProperty("progress") is { ValueKind: JsonValueKind.Object } progress)
            {
                var fraction = progress.GetProperty("fraction").GetDouble();
                fraction.ShouldBeGreaterThanOrEqualTo(seen.Max);
                seen.Add(fraction);
            }

            return seen.Count(fraction => fraction is > 0 and < 1) >= 3;
        });
        using var cancelled = await Client.PostAsync(new Uri(server, $"api/restorations/{id}/cancel"), null);

        (await EndAsync(server, id)).GetProperty("state").GetString().ShouldBe("cancelled");
    }

    private int Restored
    {
        get
        {
            lock (_workerSaid)
            {
                return _workerSaid.Count(line => line.EndsWith(": restored", StringComparison.Ordinal));
            }
        }
    }

    private static async Task UntilAsync(Func<Task<bool>> holds)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (!await holds())
        {
            await Task.Delay(50, patience.Token);
        }
    }

    private static async Task<string> StatusAsync(NatsServer queue) =>
        (await CommandLine.Run("cluster", "status", "--cluster", queue.Url)).Output;

    private static async Task<string> UploadAsync(Uri server, string photo, params (string Name, string Value)[] options)
    {
        using var content = new ByteArrayContent(await File.ReadAllBytesAsync(photo));
        using var form = new MultipartFormDataContent { { content, "image", "photo.png" } };
        foreach (var (name, value) in options)
        {
            form.Add(new StringContent(value), name);
        }

        using var answer = await Client.PostAsync(new Uri(server, "api/restorations"), form);
        var job = await answer.Content.ReadFromJsonAsync<JsonElement>();
        return job.GetProperty("id").GetString()!;
    }

    private static async Task<JsonElement> EndAsync(Uri server, string id)
    {
        var job = default(JsonElement);
        await UntilAsync(async () =>
        {
            job = await Client.GetFromJsonAsync<JsonElement>(new Uri(server, $"api/restorations/{id}"));
            return job.GetProperty("finished").ValueKind != JsonValueKind.Null;
        });
        return job;
    }

    private static Task<byte[]> ResultAsync(Uri server, string id) =>
        Client.GetByteArrayAsync(new Uri(server, $"api/restorations/{id}/result"));

    private static Uri AddressIn(string line) => new(line[line.IndexOf(Started, StringComparison.Ordinal)..].Split(' ')[3]);

    private static async Task<Uri> AddressAsync(ObservedProgram serving)
    {
        await serving.HearAsync("(Ctrl-C stops it)");
        return AddressIn(serving.Said);
    }

    private string[] Worker(NatsServer queue) =>
        ["worker", "--cluster", queue.Url, "--weights", _bench.Weights, "--device", "cpu", "--threads", "1"];

    private string[] Serve(NatsServer queue, string place)
    {
        string[] cluster = ["--cluster", queue.Url, "--cluster-place", place];
        string[] model = ["--model", _bench.Pack, "--weights", _bench.Weights];
        return ["serve", "--quiet", "--port", "0", "--data", Path.Combine(_bench.Folder, "data"), .. model, .. cluster];
    }

    private void StartWorker(NatsServer queue) =>
        _running.Add(
            CommandLine.RunHearing(
                line =>
                {
                    lock (_workerSaid)
                    {
                        _workerSaid.Add(line);
                    }
                },
                _end.Token,
                Worker(queue)
            )
        );

    /// <summary>Starts a server on the one data folder.</summary>
    /// <returns>Where it is, and what stops it.</returns>
    private async Task<(Uri Address, Func<Task> Stop)> StartServerAsync(NatsServer queue)
    {
        var address = new TaskCompletionSource<Uri>(TaskCreationOptions.RunContinuationsAsynchronously);
        var stop = CancellationTokenSource.CreateLinkedTokenSource(_end.Token);
        var running = CommandLine.RunHearing(
            line =>
            {
                if (line.StartsWith(Started, StringComparison.Ordinal))
                {
                    address.TrySetResult(AddressIn(line));
                }
            },
            stop.Token,
            Serve(queue, Place)
        );
        _running.Add(running);
        await Task.WhenAny(address.Task, running);
        address.Task.IsCompleted.ShouldBeTrue(running.IsCompleted ? (await running).Error : "");
        return (
            await address.Task,
            async () =>
            {
                await stop.CancelAsync();
                await running;
            }
        );
    }
}
