using System.IO.Compression;
using System.Net;
using System.Net.Http.Json;
using DiffBir.Server.Tests.Support;

namespace DiffBir.Server.Tests.Api;

/// <summary>Many results as one file.</summary>
public sealed class ArchiveTests
{
    [Fact]
    public async Task Results_come_as_one_zip_that_stores_each_under_a_name_of_its_own()
    {
        await using var bench = await ServerBench.StartAsync();
        var first = await bench.CreateAsync(("seed", "1"));
        var second = await bench.CreateAsync(("seed", "2"));
        var cancelled = await bench.CreateAsync(ServerBench.Endless);
        await bench.EndOfAsync(second);
        await bench.Http.PostAsync($"/api/restorations/{cancelled}/cancel", null);

        using var response = await bench.Http.PostAsJsonAsync(
            "/api/archive",
            new { ids = (string[])[first, second, first, cancelled, "nobody"] }
        );

        response.Content.Headers.ContentType!.MediaType.ShouldBe("application/zip");
        response.Content.Headers.ContentDisposition!.FileName.ShouldBe("diffbir.zip");
        using var zip = new ZipArchive(await response.Content.ReadAsStreamAsync());
        zip.Entries.Select(entry => entry.Name).ShouldBe(["photo-restored.png", "photo-restored (2).png"]);
        foreach (var (entry, id) in zip.Entries.Zip((string[])[first, second]))
        {
            entry.CompressedLength.ShouldBe(entry.Length, "images are stored, not compressed");
            using var content = new MemoryStream();
            await (await entry.OpenAsync()).CopyToAsync(content);
            content.ToArray().ShouldBe(await bench.Http.GetByteArrayAsync($"/api/restorations/{id}/result"));
        }
    }

    [Fact]
    public async Task An_archive_of_nothing_is_an_error()
    {
        await using var bench = await ServerBench.StartAsync();

        using var none = await bench.Http.PostAsJsonAsync("/api/archive", new { ids = (string[])["nobody"] });
        await none.ShouldBeErrorAsync(HttpStatusCode.NotFound, "not-found");
        using var many = await bench.Http.PostAsJsonAsync("/api/archive", new { ids = new string[1001] });
        await many.ShouldBeErrorAsync(HttpStatusCode.BadRequest, "bad-request");
        using var wrong = await bench.Http.PostAsJsonAsync("/api/archive", new { });
        await wrong.ShouldBeErrorAsync(HttpStatusCode.BadRequest, "bad-request");
    }
}
