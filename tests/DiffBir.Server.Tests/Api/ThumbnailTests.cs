using System.Net;
using DiffBir.Imaging;
using DiffBir.Server.Tests.Support;

namespace DiffBir.Server.Tests.Api;

/// <summary>Pictures of photos that browsers do not show.</summary>
public sealed class ThumbnailTests
{
    [Fact]
    public async Task A_scan_becomes_a_small_jpeg_and_nothing_of_it_is_kept()
    {
        await using var bench = await ServerBench.StartAsync();

        using var response = await PostAsync(bench, ServerBench.Picture(1500, ImageFormat.Tiff));

        response.Content.Headers.ContentType!.MediaType.ShouldBe("image/jpeg");
        using var photo = ImageFile.Read(await response.Content.ReadAsStreamAsync(), "thumbnail");
        (photo.Width, photo.Height).ShouldBe((1024, 1024));
        bench.Files().ShouldBeEmpty();
    }

    [Fact]
    public async Task A_damaged_photo_is_an_error()
    {
        await using var bench = await ServerBench.StartAsync();

        using var response = await PostAsync(bench, ServerBench.Picture(32, ImageFormat.Tiff)[..60]);

        await response.ShouldBeErrorAsync(HttpStatusCode.UnprocessableEntity, "image-broken");
    }

    private static Task<HttpResponseMessage> PostAsync(ServerBench bench, byte[] photo) =>
        bench.Http.PostAsync("/api/thumbnails", ServerBench.Form(photo, "scan.tif"));
}
