using System.Net;
using DiffBir.Imaging;
using DiffBir.Server.Jobs;
using DiffBir.Server.Safety;
using DiffBir.Server.Storage;
using DiffBir.Server.Tests.Support;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace DiffBir.Server.Tests.Storage;

/// <summary>A database that something damaged: what is readable goes on, what is not is set aside, and the log says so.</summary>
public sealed class DamageTests
{
    private const int PageBytes = 4096; // of SQLite

    [Fact]
    public async Task A_database_that_is_none_is_set_aside_with_the_photos_and_the_server_goes_on()
    {
        using var data = new TemporaryFolder();
        var id = await WithOneJobAsync(data);
        File.WriteAllText(data.File("jobs.db"), "this is no database, however long one looks at it");
        using var log = new RecordingLog();

        await using var bench = await ServerBench.StartAsync(data: data.Path, log: log);

        using var gone = await bench.Http.GetAsync($"/api/restorations/{id}");
        await gone.ShouldBeErrorAsync(HttpStatusCode.NotFound, "not-found");
        Kept(bench, "jobs.db").ShouldHaveSingleItem();
        Kept(bench, "original").ShouldHaveSingleItem();
        Kept(bench, "result").ShouldHaveSingleItem();
        log.Lines.ShouldContain(line => line.Contains("database of jobs is damaged"));
        log.Lines.ShouldContain(line => line.Contains("1 folders belong to jobs"));
        await bench.EndOfAsync(await bench.CreateAsync());
    }

    [Fact]
    public async Task A_database_that_is_lost_loses_no_photos()
    {
        using var data = new TemporaryFolder();
        await WithOneJobAsync(data);
        File.Delete(data.File("jobs.db"));

        await using var bench = await ServerBench.StartAsync(data: data.Path);

        Kept(bench, "result").ShouldHaveSingleItem();
        bench.Files().ShouldAllBe(path => path.StartsWith("damaged/", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_database_without_its_table_is_set_aside()
    {
        using var data = new TemporaryFolder();
        await WithOneJobAsync(data);
        Change(data, "DROP TABLE jobs");

        await using var bench = await ServerBench.StartAsync(data: data.Path);

        Kept(bench, "jobs.db").ShouldHaveSingleItem();
        await bench.EndOfAsync(await bench.CreateAsync());
    }

    [Theory]
    [InlineData(3)]
    [InlineData(20)]
    [InlineData(40)]
    public async Task Jobs_before_and_behind_a_damaged_page_are_rescued(int page)
    {
        const int jobs = 200;
        using var data = new TemporaryFolder();
        var ids = new List<JobId>();
        using (var store = new JobStore(data.File("jobs.db"), NullLogger<JobStore>.Instance))
        {
            for (var number = 0; number < jobs; number++)
            {
                var job = Finished($"photo {number}.png");
                ids.Add(job.Id);
                store.Save(job);
            }
        }

        var pages = new FileInfo(data.File("jobs.db")).Length / PageBytes;
        pages.ShouldBeGreaterThan(45);
        using (var file = File.OpenWrite(data.File("jobs.db")))
        {
            file.Position = page * PageBytes;
            file.Write(Enumerable.Repeat((byte)0xA5, PageBytes).ToArray());
        }

        await using var bench = await ServerBench.StartAsync(data: data.Path);

        var found = new List<string>();
        foreach (var id in ids)
        {
            using var response = await bench.Http.GetAsync($"/api/restorations/{id}");
            if (response.StatusCode == HttpStatusCode.OK)
            {
                found.Add(await response.Content.ReadAsStringAsync());
            }
        }

        found.Count.ShouldBeGreaterThan(jobs - 20);
        found.ShouldAllBe(job => job.Contains("photo "));
        Kept(bench, "jobs.db").ShouldHaveSingleItem();
    }

    [Theory]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("[1, 2, 3]")]
    [InlineData("\u0001\u0002")]
    public async Task A_damaged_job_is_set_aside_and_the_others_go_on(string content)
    {
        using var data = new TemporaryFolder();
        string damaged,
            sound;
        await using (var first = await ServerBench.StartAsync(data: data.Path))
        {
            damaged = await first.CreateAsync();
            sound = await first.CreateAsync();
            await first.EndOfAsync(damaged);
            await first.EndOfAsync(sound);
        }

        Change(data, "UPDATE jobs SET content = $content WHERE id = $id", ("$content", content), ("$id", damaged));
        using var log = new RecordingLog();

        await using var bench = await ServerBench.StartAsync(data: data.Path, log: log);

        using var gone = await bench.Http.GetAsync($"/api/restorations/{damaged}");
        await gone.ShouldBeErrorAsync(HttpStatusCode.NotFound, "not-found");
        (await bench.JobAsync(sound)).GetProperty("state").GetString().ShouldBe("done");
        Kept(bench, "result").ShouldHaveSingleItem();
        File.ReadAllText(
                Path.Combine(data.Path, bench.Files().Single(path => path.EndsWith("job-1.json", StringComparison.Ordinal)))
            )
            .ShouldBe(content);
        log.Lines.ShouldContain(line => line.Contains("A job is damaged"));
    }

    [Fact]
    public async Task A_job_under_another_ones_name_is_damaged()
    {
        using var data = new TemporaryFolder();
        string one,
            other;
        await using (var first = await ServerBench.StartAsync(data: data.Path))
        {
            one = await first.CreateAsync();
            other = await first.CreateAsync();
            await first.EndOfAsync(other);
        }

        Change(
            data,
            "UPDATE jobs SET content = (SELECT content FROM jobs WHERE id = $other) WHERE id = $one",
            ("$one", one),
            ("$other", other)
        );

        await using var bench = await ServerBench.StartAsync(data: data.Path);

        using var gone = await bench.Http.GetAsync($"/api/restorations/{one}");
        await gone.ShouldBeErrorAsync(HttpStatusCode.NotFound, "not-found");
        (await bench.JobAsync(other)).GetProperty("state").GetString().ShouldBe("done");
    }

    [Fact]
    public async Task A_job_that_is_damaged_while_the_server_runs_is_one_sentence()
    {
        using var data = new TemporaryFolder();
        await using var bench = await ServerBench.StartAsync(data: data.Path);
        var id = await bench.CreateAsync();
        await bench.EndOfAsync(id);
        Change(data, "UPDATE jobs SET content = '{'");

        using var response = await bench.Http.GetAsync($"/api/restorations/{id}");

        await response.ShouldBeErrorAsync(HttpStatusCode.ServiceUnavailable, "storage-unavailable");
    }

    [Fact]
    public async Task What_was_set_aside_expires_as_photos_do()
    {
        var time = new ShiftedTime();
        using var data = new TemporaryFolder();
        await WithOneJobAsync(data);
        File.Delete(data.File("jobs.db"));
        await using var bench = await ServerBench.StartAsync(data: data.Path, time: time);
        var board = bench.Services.GetRequiredService<JobBoard>();
        time.Shift = TimeSpan.FromDays(6);
        board.Expire();
        bench.Files().ShouldNotBeEmpty();

        time.Shift = TimeSpan.FromDays(8);
        board.Expire();

        bench.Files().ShouldBeEmpty();
    }

    private static async Task<string> WithOneJobAsync(TemporaryFolder data)
    {
        await using var bench = await ServerBench.StartAsync(data: data.Path);
        var id = await bench.CreateAsync();
        await bench.EndOfAsync(id);
        return id;
    }

    /// <summary>The files of a name that were set aside.</summary>
    private static string[] Kept(ServerBench bench, string name) =>
        [.. bench.Files().Where(path => path.StartsWith("damaged/", StringComparison.Ordinal) && Path.GetFileName(path) == name)];

    private static void Change(TemporaryFolder data, string text, params (string Name, string Value)[] parameters)
    {
        using var connection = new SqliteConnection($"Data Source={data.File("jobs.db")};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // a constant of a test
        command.CommandText = text;
#pragma warning restore CA2100
        foreach (var (name, value) in parameters)
        {
            command.Parameters.AddWithValue(name, value);
        }

        command.ExecuteNonQuery();
    }

    private static Job Finished(string name) =>
        new()
        {
            Id = JobId.New(),
            Owner = "somebody",
            State = JobState.Done,
            Model = "tiny",
            Options = new Dictionary<string, string> { ["prompt"] = new('x', 500) },
            Input = new Picture(name, 8, 8, 100, ImageFormat.Png),
            Created = TimeProvider.System.GetUtcNow(),
            Finished = TimeProvider.System.GetUtcNow(),
            Bytes = 100,
        };
}
