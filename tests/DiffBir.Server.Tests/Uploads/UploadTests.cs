using System.Net;
using System.Net.Http.Headers;
using DiffBir.Imaging;
using DiffBir.Server.Storage;
using DiffBir.Server.Tests.Support;
using DiffBir.Server.Uploads;

namespace DiffBir.Server.Tests.Uploads;

public sealed class UploadTests
{
    [Theory]
    [InlineData(100_000, 100_000)]
    [InlineData(int.MaxValue, 1)]
    [InlineData(6_400, 6_400)]
    public async Task An_image_that_declares_too_many_pixels_is_refused_before_it_is_decoded(int width, int height)
    {
        await using var bench = await ServerBench.StartAsync(options => options with { MaxPixels = 40_000_000 });

        using var response = await bench.PostAsync(ServerBench.Form(HugePng.Declaring(width, height)));

        // What libvips finds absurd is broken; what is merely large is too large.
        response.StatusCode.ShouldBeOneOf(HttpStatusCode.RequestEntityTooLarge, HttpStatusCode.UnprocessableEntity);
        bench.Files().ShouldBeEmpty();
    }

    [Fact]
    public async Task A_result_that_would_be_too_large_is_refused_at_once()
    {
        await using var bench = await ServerBench.StartAsync(options => options with { MaxOutputPixels = 10_000 });

        using var response = await bench.PostAsync(("upscale", "64"));

        var detail = await response.ShouldBeErrorAsync(HttpStatusCode.RequestEntityTooLarge, "image-too-large");
        detail.ShouldContain("2048×2048");
        detail.ShouldContain("smaller upscale");
    }

    [Fact]
    public async Task A_file_of_too_many_bytes_is_refused_whether_it_says_so_or_not()
    {
        await using var bench = await ServerBench.StartAsync(options => options with { MaxUploadBytes = 1_000_000 });
        foreach (var size in (int[])[1_000_001, 3_000_000])
        {
            using var declared = await TryPostAsync(bench, ServerBench.Form(new byte[size]));
            using var chunked = ServerBench.Form(new byte[size]);
            chunked.Headers.ContentLength = null;
            using var undeclared = await TryPostAsync(bench, chunked);

            foreach (var response in (HttpResponseMessage?[])[declared, undeclared])
            {
                if (response is not null)
                {
                    await response.ShouldBeErrorAsync(HttpStatusCode.RequestEntityTooLarge, "image-too-large");
                }
            }
        }

        bench.Files().ShouldBeEmpty();
    }

    [Fact]
    public async Task What_is_no_image_is_refused_whatever_it_is_called()
    {
        await using var bench = await ServerBench.StartAsync();
        foreach (
            var content in (byte[][])
                [
                    "no picture"u8.ToArray(),
                    [],
                    "<svg xmlns='http://www.w3.org/2000/svg'/>"u8.ToArray(),
                    "BM6;;;;;;"u8.ToArray(),
                    "%PDF-1.7    "u8.ToArray(),
                ]
        )
        {
            using var response = await bench.PostAsync(ServerBench.Form(content));

            var detail = await response.ShouldBeErrorAsync(HttpStatusCode.UnsupportedMediaType, "not-an-image");
            detail.ShouldContain(ImageFormats.Names);
        }
    }

    [Fact]
    public async Task An_image_without_a_whole_header_is_broken()
    {
        await using var bench = await ServerBench.StartAsync();

        using var response = await bench.PostAsync(ServerBench.Form(ServerBench.Picture()[..20]));

        await response.ShouldBeErrorAsync(HttpStatusCode.UnprocessableEntity, "image-broken");
    }

    [Fact]
    public async Task A_form_that_is_none_is_refused()
    {
        await using var bench = await ServerBench.StartAsync();
        var json = new StringContent("{}", new MediaTypeHeaderValue("application/json"));
        using var wrong = await bench.PostAsync(json);
        await wrong.ShouldBeErrorAsync(HttpStatusCode.UnsupportedMediaType, "upload-broken");

        var withoutBoundary = new StringContent("", new MediaTypeHeaderValue("multipart/form-data"));
        using var lacking = await bench.PostAsync(withoutBoundary);
        await lacking.ShouldBeErrorAsync(HttpStatusCode.UnsupportedMediaType, "upload-broken");

        using var empty = await bench.Http.PostAsync("/api/restorations", null);
        await empty.ShouldBeErrorAsync(HttpStatusCode.UnsupportedMediaType, "upload-broken");
    }

    [Fact]
    public async Task A_form_needs_one_photo_and_each_option_once()
    {
        await using var bench = await ServerBench.StartAsync();
        var photo = ServerBench.Picture();

        using var none = new MultipartFormDataContent { { new StringContent("2"), "upscale" } };
        using var lacking = await bench.PostAsync(none);
        (await lacking.ShouldBeErrorAsync(HttpStatusCode.BadRequest, "upload-broken")).ShouldContain("\"image\"");

        using var two = ServerBench.Form(photo);
        two.Add(new ByteArrayContent(photo), "image", "b.png");
        using var twice = await bench.PostAsync(two);
        await twice.ShouldBeErrorAsync(HttpStatusCode.BadRequest, "upload-broken");

        using var same = await bench.PostAsync(("upscale", "2"), ("upscale", "2"));
        await same.ShouldBeErrorAsync(HttpStatusCode.BadRequest, "upload-broken");

        (string, string)[] many = [.. Enumerable.Range(0, 100).Select(n => ($"field{n}", "1"))];
        using var crowd = await bench.PostAsync(many);
        await crowd.ShouldBeErrorAsync(HttpStatusCode.BadRequest, "upload-broken");

        using var novel = await bench.PostAsync(("prompt", new string('x', 100_000)));
        await novel.ShouldBeErrorAsync(HttpStatusCode.BadRequest, "upload-broken");
        bench.Files().ShouldBeEmpty();
    }

    [Fact]
    public async Task A_form_that_ends_too_early_is_refused()
    {
        await using var bench = await ServerBench.StartAsync();
        var body = "--b\r\nContent-Disposition: form-data; name=\"image\"; filename=\"a.png\"\r\n\r\nxyz";
        using var client = await RawClient.ConnectAsync(bench.Address);

        await client.BeginUploadAsync(body, body.Length);

        (await client.StatusLineAsync()).ShouldContain("400");
        bench.Files().ShouldBeEmpty();
    }

    [Fact]
    public async Task Clients_that_hang_up_in_the_middle_of_an_upload_leave_nothing()
    {
        await using var bench = await ServerBench.StartAsync(options => options with { MaxQueue = 2 });
        for (var client = 0; client < 10; client++)
        {
            using var raw = await RawClient.ConnectAsync(bench.Address);
            await raw.BeginUploadAsync(
                "--b\r\nContent-Disposition: form-data; name=\"image\"; filename=\"a.png\"\r\n\r\nxyz",
                length: 1_000_000
            );
        }

        // Their places in the queue are free again as soon as the server has noticed.
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (true)
        {
            using var response = await bench.PostAsync();
            if (response.StatusCode == HttpStatusCode.Accepted)
            {
                break;
            }

            limit.Token.ThrowIfCancellationRequested();
            await Task.Delay(20, limit.Token);
        }

        while (bench.Files().Any(path => path.StartsWith("incoming/", StringComparison.Ordinal)))
        {
            limit.Token.ThrowIfCancellationRequested();
            await Task.Delay(20, limit.Token);
        }
    }

    [Theory]
    [InlineData("../../../etc/passwd", "passwd")]
    [InlineData("..\\..\\windows\\system32\\evil.png", "evil.png")]
    [InlineData("/etc/shadow.png", "shadow.png")]
    [InlineData("..", "photo")]
    [InlineData("", "photo")]
    [InlineData(null, "photo")]
    [InlineData("a\r\nSet-Cookie: x=1.png", "aSet-Cookie x=1.png")]
    [InlineData("a\0b.png", "ab.png")]
    [InlineData("\u202Egnp.exe", "gnp.exe")]
    [InlineData("<script>.png", "script.png")]
    [InlineData("猫の写真.png", "猫の写真.png")]
    [InlineData("  .hidden.png  ", "hidden.png")]
    public void A_name_from_a_client_is_a_name_and_no_path(string? sent, string kept) =>
        ClientFileName.Clean(sent).ShouldBe(kept);

    [Fact]
    public void A_name_from_a_client_is_not_too_long() => ClientFileName.Clean(new string('x', 10_000)).Length.ShouldBe(100);

    [Fact]
    public async Task A_name_that_is_a_path_touches_nothing_outside_the_jobs_folder()
    {
        await using var bench = await ServerBench.StartAsync();
        var form = ServerBench.Form(ServerBench.Picture(), "../../../evil.png");

        var id = await bench.CreateAsync(form);
        var job = await bench.EndOfAsync(id);

        job.GetProperty("input").GetProperty("name").GetString().ShouldBe("evil.png");
        using var response = await bench.Http.GetAsync($"/api/restorations/{id}/result");
        response.Content.Headers.ContentDisposition!.FileNameStar.ShouldBe("evil-restored.png");
        bench.Files().Select(Path.GetFileName).Distinct().Order().ShouldBe(["clean", "original", "result"]);
    }

    [Fact]
    public void Ids_are_of_128_random_bits_and_read_only_as_they_are_written()
    {
        var ids = Enumerable.Range(0, 1000).Select(_ => JobId.New()).ToHashSet();

        ids.Count.ShouldBe(1000);
        foreach (var id in ids)
        {
            JobId.TryParse(id.ToString(), out var read).ShouldBeTrue();
            read.ShouldBe(id);
        }

        var text = JobId.New().ToString();
        foreach (
            var wrong in (string?[])
                [null, "", "..", text[..21], text + "A", text[..21] + "*", text[..21] + "/", new string('.', 22)]
        )
        {
            JobId.TryParse(wrong, out _).ShouldBeFalse(wrong);
        }
    }

    /// <summary>The response; null where the server hung up while the client was still sending, as it may.</summary>
    private static async Task<HttpResponseMessage?> TryPostAsync(ServerBench bench, HttpContent form)
    {
        try
        {
            return await bench.PostAsync(form);
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }
}
