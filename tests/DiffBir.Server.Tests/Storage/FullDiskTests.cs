using System.Net;
using DiffBir.Server.Tests.Support;

namespace DiffBir.Server.Tests.Storage;

/// <summary>A disk that is really full: what <see cref="StorageTests"/> shows with a database that refuses.</summary>
[Trait("Category", "Slow")]
public sealed class FullDiskTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    [SmallDiskFact]
    public async Task A_server_on_a_full_disk_tells_the_truth_loses_nothing_and_goes_on_by_itself()
    {
        using var disk = new SmallDisk(24_000_000);
        await using var bench = await ServerBench.StartAsync(data: disk.Path);
        var done = await bench.CreateAsync();
        await bench.EndOfAsync(done);
        var ending = await bench.CreateAsync(("steps", "300")); // long enough for the disk to be full before its end
        await bench.WaitAsync(ending, "running");
        var waiting = await bench.CreateAsync();
        var unwanted = await bench.CreateAsync();
        disk.Fill();

        using (var ready = await bench.Http.GetAsync("/health/ready"))
        {
            ready.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        }

        using (var upload = await bench.PostAsync())
        {
            await upload.ShouldBeErrorAsync(HttpStatusCode.InsufficientStorage, "disk-full");
        }

        // The database reuses its own pages for a while: these may succeed, and must not be a fault of the server.
        using (var cancel = await bench.Http.PostAsync($"/api/restorations/{unwanted}/cancel", null))
        {
            cancel.StatusCode.ShouldBeOneOf(HttpStatusCode.Accepted, HttpStatusCode.InsufficientStorage);
        }

        using (var delete = await bench.Http.DeleteAsync($"/api/restorations/{done}"))
        {
            delete.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        }

        disk.Fill(); // what was deleted has made room
        await Task.Delay(TimeSpan.FromSeconds(10)); // the job that runs comes to its end meanwhile
        disk.Fill();
        (await bench.JobAsync(ending)).GetProperty("state").GetString().ShouldBe("running");
        using (var ready = await bench.Http.GetAsync("/health/ready"))
        {
            ready.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        }

        disk.Empty();

        foreach (var id in (string[])[ending, waiting])
        {
            (await bench.EndOfAsync(id)).GetProperty("state").GetString().ShouldBe("done");
            using var result = await bench.Http.GetAsync($"/api/restorations/{id}/result");
            result.StatusCode.ShouldBe(HttpStatusCode.OK);
        }

        (await bench.EndOfAsync(unwanted)).GetProperty("state").GetString().ShouldBeOneOf("cancelled", "done");
        using var limit = new CancellationTokenSource(Patience);
        while ((await bench.Http.GetAsync("/health/ready", limit.Token)).StatusCode != HttpStatusCode.OK)
        {
            await Task.Delay(100, limit.Token);
        }

        await bench.EndOfAsync(await bench.CreateAsync());
    }

    [SmallDiskFact]
    public void A_start_on_a_full_disk_is_one_sentence_with_the_remedy()
    {
        using var disk = new SmallDisk(2_000_000);
        disk.Fill();

        Should
            .Throw<DiffBirException>(() => RestorationServer.Create(ServerBench.Options(disk.Path)))
            .Message.ShouldContain("--data");
    }
}
