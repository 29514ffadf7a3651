using System.Net;
using DiffBir.Server.Storage;
using DiffBir.Server.Tests.Support;
using Microsoft.Data.Sqlite;

namespace DiffBir.Server.Tests.Jobs;

public sealed class RestartTests : IDisposable
{
    private readonly List<TemporaryFolder> _folders = [];

    public void Dispose() => _folders.ForEach(folder => folder.Dispose());

    [Fact]
    public async Task After_a_restart_a_running_job_begins_again_and_waiting_ones_go_on()
    {
        using var data = new TemporaryFolder();
        string running,
            waiting,
            done;
        await using (var bench = await ServerBench.StartAsync(data: data.Path))
        {
            done = await bench.CreateAsync();
            await bench.EndOfAsync(done);
            running = await bench.CreateAsync(("steps", "1000"));
            await bench.WaitAsync(running, "running");
            waiting = await bench.CreateAsync();
        }

        await using var again = await ServerBench.StartAsync(data: data.Path);

        foreach (var id in (string[])[running, waiting, done])
        {
            var job = await again.EndOfAsync(id);
            job.GetProperty("state").GetString().ShouldBe("done", job.GetRawText());
            using var result = await again.Http.GetAsync($"/api/restorations/{id}/result");
            result.StatusCode.ShouldBe(HttpStatusCode.OK);
        }
    }

    [Fact]
    public async Task Orderly_stops_do_not_count_however_many_there_are()
    {
        using var data = new TemporaryFolder();
        string id,
            next;
        await using (var bench = await ServerBench.StartAsync(data: data.Path))
        {
            id = await bench.CreateAsync(ServerBench.Endless);
            next = await bench.CreateAsync(ServerBench.Endless);
        }

        for (var start = 0; start < 4; start++)
        {
            await using var bench = await ServerBench.StartAsync(data: data.Path);
            await bench.WaitAsync(id, "running");
            (await bench.JobAsync(next)).GetProperty("state").GetString().ShouldBe("queued"); // the one that ran is first again
        }

        await using var last = await ServerBench.StartAsync(data: data.Path);
        await last.WaitAsync(id, "running");
    }

    [Fact]
    public async Task A_job_that_stops_the_server_each_time_is_given_up()
    {
        using var first = new TemporaryFolder();
        var id = "";
        var data = first;
        for (var start = 0; start < 3; start++)
        {
            await using var bench = await ServerBench.StartAsync(data: data.Path);
            id = start == 0 ? await bench.CreateAsync(ServerBench.Endless) : id;
            await bench.WaitAsync(id, "running");
            data = AsAfterACrash(bench);
        }

        await using var last = await ServerBench.StartAsync(data: data.Path);
        var job = await last.EndOfAsync(id);

        job.GetProperty("error").GetProperty("code").GetString().ShouldBe("interrupted");
        job.GetProperty("error").GetProperty("message").GetString()!.ShouldContain("3 times");
    }

    /// <summary>What would be on the disk if the power failed now.</summary>
    private TemporaryFolder AsAfterACrash(ServerBench bench)
    {
        var copy = new TemporaryFolder();
        _folders.Add(copy);
        foreach (var path in Directory.GetFiles(bench.Data, "*", SearchOption.AllDirectories))
        {
            var name = Path.GetRelativePath(bench.Data, path);
            if (name == "lock")
            {
                continue;
            }

            Directory.CreateDirectory(Path.GetDirectoryName(copy.File(name))!);
            try
            {
                File.Copy(path, copy.File(name));
            }
            catch (FileNotFoundException)
            {
                // The temporary name of a file that is whole by now.
            }
        }

        return copy;
    }

    [Fact]
    public async Task What_belongs_to_no_job_is_swept_at_the_start()
    {
        using var data = new TemporaryFolder();
        string id;
        await using (var bench = await ServerBench.StartAsync(data: data.Path))
        {
            id = await bench.CreateAsync();
            await bench.EndOfAsync(id);
        }

        Directory.CreateDirectory(Path.Combine(data.Path, "jobs", new string('0', 32)));
        data.Write("jobs/" + new string('0', 32) + "/result", [1]);
        data.Write("incoming/cut-off", [1]);

        await using var again = await ServerBench.StartAsync(data: data.Path);

        JobId.TryParse(id, out var parsed).ShouldBeTrue();
        again.Files().ShouldAllBe(path => path.StartsWith($"jobs/{parsed.ToHex()}/", StringComparison.Ordinal));
        again.Files().ShouldNotBeEmpty();
    }

    [Fact]
    public async Task A_job_whose_upload_is_lost_says_so()
    {
        using var data = new TemporaryFolder();
        string id;
        await using (var bench = await ServerBench.StartAsync(data: data.Path))
        {
            await bench.CreateAsync(ServerBench.Endless);
            id = await bench.CreateAsync();
        }

        JobId.TryParse(id, out var parsed).ShouldBeTrue();
        Directory.Delete(Path.Combine(data.Path, "jobs", parsed.ToHex()), recursive: true);

        await using var again = await ServerBench.StartAsync(data: data.Path);

        (await again.JobAsync(id)).GetProperty("error").GetProperty("code").GetString().ShouldBe("interrupted");
    }

    [Fact]
    public async Task Two_servers_do_not_share_a_data_folder()
    {
        await using var bench = await ServerBench.StartAsync();

        Should
            .Throw<DiffBirException>(() => RestorationServer.Create(ServerBench.Options(bench.Data)))
            .Message.ShouldContain("in use by another server");
    }

    [Fact]
    public void A_data_folder_of_a_newer_version_is_left_alone()
    {
        using var data = new TemporaryFolder();
        using (var connection = new SqliteConnection($"Data Source={data.File("jobs.db")};Pooling=False"))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "PRAGMA user_version = 99";
            command.ExecuteNonQuery();
        }

        Should
            .Throw<DiffBirException>(() => RestorationServer.Create(ServerBench.Options(data.Path)))
            .Message.ShouldContain("newer version");
    }
}
