using System.Net;
using System.Text.Json;
using DiffBir.Imaging;
using DiffBir.Server.Tests.Support;
using DiffBir.Tests.Imaging;

namespace DiffBir.Server.Tests.Api;

public sealed class RestorationTests
{
    [Fact]
    public async Task A_photo_becomes_a_result_in_its_own_format_with_its_metadata()
    {
        await using var bench = await ServerBench.StartAsync();
        var xmp = "<x:xmpmeta xmlns:x='adobe:ns:meta/'/>"u8.ToArray();
        var photo = ServerBench.Picture(32, ImageFormat.Jpeg, new PhotoMetadata(Xmp: xmp));

        var id = await bench.CreateAsync(ServerBench.Form(photo, "Étude.jpg"));
        var job = await bench.EndOfAsync(id);

        job.GetProperty("state").GetString().ShouldBe("done", job.GetRawText());
        var output = job.GetProperty("output");
        output.GetProperty("name").GetString().ShouldBe("Étude-restored.jpg");
        output.GetProperty("width").GetInt32().ShouldBe(64);
        using var response = await bench.Http.GetAsync($"/api/restorations/{id}/result");
        response.Content.Headers.ContentType!.MediaType.ShouldBe("image/jpeg");
        response.Content.Headers.ContentDisposition!.FileNameStar.ShouldBe("Étude-restored.jpg");
        using var restored = ImageFile.Read(await response.Content.ReadAsStreamAsync(), "result");
        (restored.Width, restored.Height).ShouldBe((64, 64));
        restored.Metadata.Xmp.ShouldNotBeNull();
    }

    [Fact]
    public async Task A_gray_photo_comes_back_gray()
    {
        await using var bench = await ServerBench.StartAsync();

        var id = await bench.CreateAsync(ServerBench.Form(GrayPicture(), "grandmother.png"));
        var job = await bench.EndOfAsync(id);

        job.GetProperty("state").GetString().ShouldBe("done", job.GetRawText());
        foreach (var image in (string[])["result", "intermediates/clean"])
        {
            using var response = await bench.Http.GetAsync($"/api/restorations/{id}/{image}");
            using var photo = ImageFile.Read(await response.Content.ReadAsStreamAsync(), image);
            photo.ColorModel.ShouldBe(ColorModel.Gray, image);
        }
    }

    [Fact]
    public async Task A_job_says_everything_about_itself()
    {
        await using var bench = await ServerBench.StartAsync();

        var id = await bench.CreateAsync(("upscale", "1"), ("format", "webp"), ("seed", "7"));
        var job = await bench.EndOfAsync(id);

        id.Length.ShouldBe(22);
        job.GetProperty("model").GetString().ShouldBe("tiny");
        job.GetProperty("input").GetProperty("width").GetInt32().ShouldBe(32);
        job.GetProperty("output").GetProperty("format").GetString().ShouldBe("webp");
        job.GetProperty("options").GetRawText().ShouldBe("""{"upscale":"1","format":"webp","seed":"7"}""");
        job.GetProperty("position").ValueKind.ShouldBe(JsonValueKind.Null);
        job.GetProperty("secondsTaken").GetDouble().ShouldBeGreaterThan(0);
        (job.GetProperty("expires").GetDateTimeOffset() - job.GetProperty("finished").GetDateTimeOffset()).ShouldBe(
            TimeSpan.FromDays(7)
        );
    }

    [Fact]
    public async Task The_images_from_the_middle_of_the_work_can_be_looked_at()
    {
        await using var bench = await ServerBench.StartAsync();

        var id = await bench.CreateAsync(("guidance-scale", "0.1"));
        var job = await bench.EndOfAsync(id);

        job.GetProperty("intermediates").EnumerateArray().Select(kind => kind.GetString()).ShouldBe(["clean", "weights"]);
        foreach (var kind in (string[])["clean", "weights"])
        {
            using var image = await bench.Http.GetAsync($"/api/restorations/{id}/intermediates/{kind}");
            image.Content.Headers.ContentType!.MediaType.ShouldBe("image/png");
            using var photo = ImageFile.Read(await image.Content.ReadAsStreamAsync(), kind);
            photo.Width.ShouldBeGreaterThanOrEqualTo(64);
        }

        using var preview = await bench.Http.GetAsync($"/api/restorations/{id}/intermediates/preview");
        await preview.ShouldBeErrorAsync(HttpStatusCode.NotFound, "not-found");
    }

    [Fact]
    public async Task What_browsers_do_not_show_is_also_there_as_png()
    {
        await using var bench = await ServerBench.StartAsync();
        var tiff = ServerBench.Picture(32, ImageFormat.Tiff);

        var id = await bench.CreateAsync(ServerBench.Form(tiff, "scan.tif"));
        await bench.EndOfAsync(id);

        async Task<string> TypeOf(string address)
        {
            using var response = await bench.Http.GetAsync($"/api/restorations/{id}/{address}");
            response.StatusCode.ShouldBe(HttpStatusCode.OK);
            return response.Content.Headers.ContentType!.MediaType!;
        }

        (await TypeOf("original")).ShouldBe("image/png");
        (await TypeOf("original?download=1")).ShouldBe("image/tiff");
        (await TypeOf("result")).ShouldBe("image/tiff");
        (await TypeOf("result?view=1")).ShouldBe("image/png");
        (await bench.Http.GetByteArrayAsync($"/api/restorations/{id}/original?download=1")).ShouldBe(tiff);
    }

    [Theory]
    [InlineData(1, null)]
    [InlineData(2, "2")]
    public async Task Of_a_file_with_several_pages_one_is_restored_and_shown(int expected, string? page)
    {
        await using var bench = await ServerBench.StartAsync();
        var webp = Pictures.WhiteThenBlack(32).WebpsaveBuffer(lossless: true);
        (string, string)[] fields = page is null ? [] : [("page", page)];

        var id = await bench.CreateAsync(ServerBench.Form(webp, "moving.webp", [("stage1-only", "true"), .. fields]));
        var job = await bench.EndOfAsync(id);

        job.GetProperty("input").GetProperty("pages").GetInt32().ShouldBe(2);
        job.GetProperty("output").GetProperty("pages").GetInt32().ShouldBe(1);
        using var shown = await bench.Http.GetAsync($"/api/restorations/{id}/original");
        shown.Content.Headers.ContentType!.MediaType.ShouldBe("image/png", "the file itself moves");
        using var before = ImageFile.Read(await shown.Content.ReadAsStreamAsync(), "original");
        before.Pixels.ToTensor().Data.ToArray().ShouldAllBe(value => value == (expected == 1 ? 1 : 0));
        (await bench.Http.GetByteArrayAsync($"/api/restorations/{id}/original?download=1")).ShouldBe(webp);
    }

    [Fact]
    public async Task A_page_that_is_not_there_is_refused_at_once()
    {
        await using var bench = await ServerBench.StartAsync();

        using var response = await bench.PostAsync(("page", "2"));

        await response.ShouldBeErrorAsync(HttpStatusCode.BadRequest, "option-invalid");
    }

    [Fact]
    public async Task There_is_no_result_before_there_is_one()
    {
        await using var bench = await ServerBench.StartAsync();
        var id = await bench.CreateAsync(ServerBench.Endless);

        using var response = await bench.Http.GetAsync($"/api/restorations/{id}/result");

        await response.ShouldBeErrorAsync(HttpStatusCode.Conflict, "not-ready");
    }

    [Fact]
    public async Task Stage_1_alone_is_an_option()
    {
        await using var bench = await ServerBench.StartAsync();

        var job = await bench.EndOfAsync(await bench.CreateAsync(("stage1-only", "true")));

        job.GetProperty("state").GetString().ShouldBe("done");
    }

    [Fact]
    public async Task The_same_seed_gives_the_same_result_whether_networks_are_warm_or_not()
    {
        await using var bench = await ServerBench.StartAsync();
        var results = new List<byte[]>();
        foreach (var seed in (string[])["1", "1", "2", "1"])
        {
            var id = await bench.CreateAsync(("seed", seed));
            await bench.EndOfAsync(id);
            results.Add(await bench.Http.GetByteArrayAsync($"/api/restorations/{id}/result"));
        }

        results[1].ShouldBe(results[0]);
        results[2].ShouldNotBe(results[0]);
        results[3].ShouldBe(results[0]);
    }

    [Fact]
    public async Task A_damaged_photo_fails_with_a_reason_and_the_next_one_is_restored()
    {
        await using var bench = await ServerBench.StartAsync();
        var whole = ServerBench.Picture(64);
        var cut = whole[..(whole.Length / 2)]; // its header is whole

        var id = await bench.CreateAsync(ServerBench.Form(cut));
        var job = await bench.EndOfAsync(id);

        job.GetProperty("state").GetString().ShouldBe("failed");
        job.GetProperty("error").GetProperty("code").GetString().ShouldBe("image-broken");
        job.GetProperty("error").GetProperty("message").GetString()!.ShouldStartWith("The photo cannot be read");
        var next = await bench.EndOfAsync(await bench.CreateAsync());
        next.GetProperty("state").GetString().ShouldBe("done");
    }

    [Fact]
    public async Task A_photo_that_takes_too_long_fails_with_a_reason()
    {
        await using var bench = await ServerBench.StartAsync(options => options with { TimeLimit = TimeSpan.FromSeconds(1) });

        var job = await bench.EndOfAsync(await bench.CreateAsync(ServerBench.Endless));

        job.GetProperty("error").GetProperty("code").GetString().ShouldBe("time-limit");
    }

    private static byte[] GrayPicture()
    {
        var gray = Pictures.Gradient(32, 32, channels: 1);
        var threefold = new Tensor([.. gray.Data, .. gray.Data, .. gray.Data], 1, 3, 32, 32);
        using var photo = new Photo(PlanarImage.Of(threefold)) { ColorModel = ColorModel.Gray };
        using var stream = new MemoryStream();
        ImageFile.Write(photo, stream, new ImageEncoding(ImageFormat.Png));
        return stream.ToArray();
    }
}
