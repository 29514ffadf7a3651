using DiffBir.Imaging;
using DiffBir.Server.Jobs;

namespace DiffBir.Server.Api;

/// <summary><c>/api/restorations/{id}/…</c>: the images of a job.</summary>
internal static class ImageEndpoints
{
    /// <summary>Gives the endpoints their addresses.</summary>
    public static void Map(RouteGroupBuilder jobs)
    {
        jobs.MapGet("/{id}/original", OriginalAsync)
            .WithName("GetOriginal")
            .WithSummary("The upload as browsers show it, or with download=1 as it came.")
            .ProducesImage()
            .ProducesErrors(404, 422);
        jobs.MapGet("/{id}/result", ResultAsync)
            .WithName("GetResult")
            .WithSummary("The result, or with view=1 as browsers show it.")
            .ProducesImage()
            .ProducesErrors(404, 409);
        jobs.MapGet(
                "/{id}/intermediates/{kind}",
                (string id, string kind, JobImages images) => File(images.Intermediate(id, kind))
            )
            .WithName("GetIntermediate")
            .WithSummary("An image from the middle of the work: clean, weights or preview.")
            .ProducesImage()
            .ProducesErrors(404);
        jobs.MapGet(
                "/{id}/faces/{number:int}/{state}",
                (string id, int number, string state, JobImages images) => File(images.Face(id, number, state))
            )
            .WithName("GetFace")
            .WithSummary("A face that was restored by itself, upright: before or after.")
            .ProducesImage()
            .ProducesErrors(404);
    }

    private static async Task<IResult> OriginalAsync(
        string id,
        int? download,
        JobImages images,
        CancellationToken cancellation
    ) => File(download == 1 ? images.Upload(id) : await images.ShownUploadAsync(id, cancellation));

    private static async Task<IResult> ResultAsync(string id, int? view, JobImages images, CancellationToken cancellation) =>
        File(view == 1 ? await images.ShownResultAsync(id, cancellation) : images.Result(id));

    private static IResult File(ServedImage image) =>
        JobFile.Open(image.Path) is { } file
            ? Results.File(file, image.Format.MediaType(), image.DownloadName, enableRangeProcessing: true)
            : throw new UnknownJobException();
}
