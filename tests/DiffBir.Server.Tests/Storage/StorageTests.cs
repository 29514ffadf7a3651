using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using DiffBir.Imaging;
using DiffBir.Server.Jobs;
using DiffBir.Server.Storage;
using DiffBir.Server.Tests.Support;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;

namespace DiffBir.Server.Tests.Storage;

/// <summary>A disk without room and a database that others hold.</summary>
public sealed class StorageTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task A_job_that_cannot_be_begun_for_want_of_room_is_begun_when_there_is_some()
    {
        await using var bench = await ServerBench.StartAsync(parts: RefusingStore.Replace);
        var store = (RefusingStore)bench.Services.GetRequiredService<JobStore>();
        store.Fill(command => RefusingStore.Writes(command, JobState.Running));
        var id = await bench.CreateAsync();
        await UntilAsync(() => Task.FromResult(store.Refusals > 1));
        (await bench.JobAsync(id)).GetProperty("state").GetString().ShouldBe("queued");

        store.MakeRoom();

        (await bench.EndOfAsync(id)).GetProperty("state").GetString().ShouldBe("done");
    }

    [Fact]
    public async Task A_result_that_cannot_be_written_down_for_want_of_room_is_when_there_is_some()
    {
        await using var bench = await ServerBench.StartAsync(parts: RefusingStore.Replace);
        var store = (RefusingStore)bench.Services.GetRequiredService<JobStore>();
        store.Fill(command => RefusingStore.Writes(command, JobState.Done));
        var id = await bench.CreateAsync();
        var next = await bench.CreateAsync();
        await UntilAsync(() => Task.FromResult(store.Refusals > 1));
        (await bench.JobAsync(id)).GetProperty("state").GetString().ShouldBe("running");

        store.MakeRoom();

        (await bench.EndOfAsync(id)).GetProperty("state").GetString().ShouldBe("done");
        (await bench.EndOfAsync(next)).GetProperty("state").GetString().ShouldBe("done");
    }

    [Fact]
    public async Task Images_from_the_middle_of_the_work_are_not_worth_the_result()
    {
        await using var bench = await ServerBench.StartAsync(parts: RefusingStore.Replace);
        var store = (RefusingStore)bench.Services.GetRequiredService<JobStore>();
        var isTaken = false;
        store.Fill(command => RefusingStore.Writes(command, JobState.Running) && Interlocked.Exchange(ref isTaken, true));

        var job = await bench.EndOfAsync(await bench.CreateAsync());

        store.Refusals.ShouldBeGreaterThan(0);
        job.GetProperty("state").GetString().ShouldBe("done");
        job.GetProperty("intermediates").GetArrayLength().ShouldBe(0);
    }

    [Fact]
    public async Task With_a_full_disk_every_answer_is_a_sentence_and_nothing_is_lost()
    {
        await using var bench = await ServerBench.StartAsync(parts: RefusingStore.Replace);
        var store = (RefusingStore)bench.Services.GetRequiredService<JobStore>();
        var done = await bench.CreateAsync();
        await bench.EndOfAsync(done);
        var running = await bench.CreateAsync(ServerBench.Endless);
        await bench.WaitAsync(running, "running");
        var waiting = await bench.CreateAsync();
        store.Fill();

        using (var upload = await bench.PostAsync())
        {
            await upload.ShouldBeErrorAsync(HttpStatusCode.InsufficientStorage, "disk-full");
        }

        using (var cancel = await bench.Http.PostAsync($"/api/restorations/{waiting}/cancel", null))
        {
            await cancel.ShouldBeErrorAsync(HttpStatusCode.InsufficientStorage, "disk-full");
        }

        foreach (var id in (string[])[waiting, running])
        {
            using var delete = await bench.Http.DeleteAsync($"/api/restorations/{id}");
            await delete.ShouldBeErrorAsync(HttpStatusCode.InsufficientStorage, "disk-full");
        }

        (await bench.JobAsync(waiting)).GetProperty("position").GetInt32().ShouldBe(1);
        using (var result = await bench.Http.GetAsync($"/api/restorations/{done}/result"))
        {
            result.StatusCode.ShouldBe(HttpStatusCode.OK);
        }

        using (var cancel = await bench.Http.PostAsync($"/api/restorations/{running}/cancel", null))
        {
            cancel.StatusCode.ShouldBe(HttpStatusCode.Accepted); // nothing to write down until it ends
        }

        bench.Files().Select(path => path.Split('/')[1]).Distinct().Count().ShouldBe(3);
        store.MakeRoom();

        (await bench.EndOfAsync(running)).GetProperty("state").GetString().ShouldBe("cancelled");
        (await bench.EndOfAsync(waiting)).GetProperty("state").GetString().ShouldBe("done");
    }

    [Fact]
    public async Task Readiness_says_that_the_disk_is_full_and_that_there_is_room_again_though_nobody_asks_for_anything()
    {
        await using var bench = await ServerBench.StartAsync(parts: RefusingStore.Replace);
        var store = (RefusingStore)bench.Services.GetRequiredService<JobStore>();
        store.Fill();
        using (var upload = await bench.PostAsync())
        {
            await upload.ShouldBeErrorAsync(HttpStatusCode.InsufficientStorage, "disk-full");
        }

        using (var response = await bench.Http.GetAsync("/health/ready"))
        {
            response.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
            var health = await response.Content.ReadFromJsonAsync<JsonElement>();
            health.GetProperty("problems")[0].GetString()!.ShouldContain("disk is full");
        }

        (await bench.Http.GetAsync("/health/live")).StatusCode.ShouldBe(HttpStatusCode.OK);
        store.MakeRoom();

        await UntilAsync(async () => (await bench.Http.GetAsync("/health/ready")).StatusCode == HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_finished_job_can_be_deleted_from_a_full_disk_as_its_files_make_the_room()
    {
        await using var bench = await ServerBench.StartAsync(parts: RefusingStore.Replace);
        var store = (RefusingStore)bench.Services.GetRequiredService<JobStore>();
        var id = await bench.CreateAsync();
        await bench.EndOfAsync(id);
        store.Fill(_ => bench.Files().Length > 0);

        using var response = await bench.Http.DeleteAsync($"/api/restorations/{id}");

        response.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        bench.Files().ShouldBeEmpty();
        using var gone = await bench.Http.GetAsync($"/api/restorations/{id}");
        await gone.ShouldBeErrorAsync(HttpStatusCode.NotFound, "not-found");
    }

    [Fact]
    public async Task While_another_program_holds_the_database_requests_are_refused_soon_and_then_all_goes_on()
    {
        await using var bench = await ServerBench.StartAsync();
        var running = await bench.CreateAsync(ServerBench.Endless);
        await bench.WaitAsync(running, "running");
        var waiting = await bench.CreateAsync();
        using (var other = new SqliteConnection($"Data Source={Path.Combine(bench.Data, "jobs.db")};Pooling=False"))
        {
            other.Open();
            using var transaction = other.BeginTransaction();

            using var upload = await bench.PostAsync();
            await upload.ShouldBeErrorAsync(HttpStatusCode.ServiceUnavailable, "storage-unavailable");
            upload.Headers.RetryAfter.ShouldNotBeNull();
            using var cancel = await bench.Http.PostAsync($"/api/restorations/{waiting}/cancel", null);
            (await cancel.ShouldBeErrorAsync(HttpStatusCode.ServiceUnavailable, "storage-unavailable")).ShouldContain(
                "Another program"
            );
            using var delete = await bench.Http.DeleteAsync($"/api/restorations/{waiting}");
            await delete.ShouldBeErrorAsync(HttpStatusCode.ServiceUnavailable, "storage-unavailable");
            using var ready = await bench.Http.GetAsync("/health/ready");
            ready.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
            await bench.Http.PostAsync($"/api/restorations/{running}/cancel", null);
        }

        (await bench.EndOfAsync(running)).GetProperty("state").GetString().ShouldBe("cancelled");
        (await bench.EndOfAsync(waiting)).GetProperty("state").GetString().ShouldBe("done");
        await UntilAsync(async () => (await bench.Http.GetAsync("/health/ready")).StatusCode == HttpStatusCode.OK);
    }

    [Fact]
    public async Task Watchers_look_again_though_the_end_cannot_be_written_down()
    {
        await using var bench = await ServerBench.StartAsync(parts: RefusingStore.Replace);
        var store = (RefusingStore)bench.Services.GetRequiredService<JobStore>();
        var board = bench.Services.GetRequiredService<JobBoard>();
        await bench.CreateAsync(ServerBench.Endless);
        JobId.TryParse(await bench.CreateAsync(), out var id).ShouldBeTrue(); // waits, so that nothing else changes of it
        var live = board.Find(id)!.Live!;
        store.Fill(command => RefusingStore.Writes(command, JobState.Failed));
        var changed = live.Changed.Next;

        Should.Throw<StorageException>(() => board.Finish(live, job => job with { State = JobState.Failed }));

        changed.IsCompleted.ShouldBeTrue();
        board.Find(id)!.Live.ShouldBe(live);
    }

    [Fact]
    public void What_is_refused_for_want_of_room_is_tried_again_until_there_is_some_and_other_faults_are_not()
    {
        var full = new ImageException("", new IOException("No space left on device", FullDisk));
        var tries = 0;
        var retry = new StorageRetry(TimeProvider.System, NullLogger<StorageRetry>.Instance);

        retry.Until("It", () => ++tries < 3 ? throw full : tries, CancellationToken.None).ShouldBe(3);

        var broken = new ImageException("", new IOException("broken"));
        Should.Throw<ImageException>(() => retry.Until<int>("It", () => throw broken, CancellationToken.None));
        using var stop = new CancellationTokenSource(TimeSpan.FromMilliseconds(300));
        Should.Throw<OperationCanceledException>(() => retry.Until<int>("It", () => throw full, stop.Token));
    }

    [Fact]
    public async Task A_server_that_stops_by_itself_does_not_stay_as_if_it_ran()
    {
        using var data = new TemporaryFolder();
        await using var server = RestorationServer.Create(ServerBench.Options(data.Path));
        await server.StartAsync();
        var running = server.WaitAsync(CancellationToken.None);

        server.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();

        (await Should.ThrowAsync<DiffBirException>(running.WaitAsync(Patience))).Message.ShouldContain("log");
    }

    private static int FullDisk => OperatingSystem.IsWindows() ? unchecked((int)0x8007_0070) : 28;

    private static async Task UntilAsync(Func<Task<bool>> holds)
    {
        using var limit = new CancellationTokenSource(Patience);
        while (!await holds())
        {
            await Task.Delay(50, limit.Token);
        }
    }
}
