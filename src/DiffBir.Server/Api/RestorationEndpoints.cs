using System.Net.Mime;
using DiffBir.Imaging;
using DiffBir.Restoration;
using DiffBir.Server.Configuration;
using DiffBir.Server.Jobs;
using DiffBir.Server.Models;
using DiffBir.Server.Safety;
using DiffBir.Server.Storage;
using DiffBir.Server.Uploads;
using Microsoft.Net.Http.Headers;

namespace DiffBir.Server.Api;

/// <summary><c>/api/restorations</c>: everything about one job.</summary>
internal sealed class RestorationEndpoints(
    ServerOptions options,
    JobBoard board,
    JobViews views,
    DataFolder folder,
    ModelShelf models,
    RequestForm form,
    UploadReader uploads,
    BrowserForm browser,
    EventStream events,
    Owner owner,
    IHostApplicationLifetime lifetime,
    TimeProvider time
)
{
    private const string Root = "/api/restorations";

    /// <summary>Gives the endpoints their addresses.</summary>
    public static void Map(IEndpointRouteBuilder routes)
    {
        var jobs = routes.MapGroup(Root).WithTags("Restorations");
        jobs.MapPost("", (HttpContext context, RestorationEndpoints all) => all.CreateAsync(context))
            .WithName("CreateRestoration")
            .WithSummary("Asks for a restoration.")
            .WithMetadata(new RestorationFormMetadata())
            .Produces<JobView>(StatusCodes.Status202Accepted)
            .ProducesErrors(400, 413, 415, 422, 429, 503, 507);
        jobs.MapGet("/{id}", (string id, RestorationEndpoints all) => all.Get(id))
            .WithName("GetRestoration")
            .WithSummary("Says how a restoration is.")
            .Produces<JobView>()
            .ProducesErrors(404);
        jobs.MapGet("/{id}/events", (string id, HttpContext context, RestorationEndpoints all) => all.WatchAsync(id, context))
            .WithName("WatchRestoration")
            .WithSummary("Tells what happens to a restoration, as server-sent events: job, progress, preview.")
            .Produces<string>(contentType: "text/event-stream")
            .ProducesErrors(404);
        jobs.MapGet(
                "/{id}/original",
                (string id, int? download, HttpContext context, RestorationEndpoints all) =>
                    all.OriginalAsync(id, download == 1, context.RequestAborted)
            )
            .WithName("GetOriginal")
            .WithSummary("The upload as browsers show it, or with download=1 as it came.")
            .ProducesImage()
            .ProducesErrors(404, 422);
        jobs.MapGet(
                "/{id}/result",
                (string id, int? view, HttpContext context, RestorationEndpoints all) =>
                    all.ResultAsync(id, view == 1, context.RequestAborted)
            )
            .WithName("GetResult")
            .WithSummary("The result, or with view=1 as browsers show it.")
            .ProducesImage()
            .ProducesErrors(404, 409);
        jobs.MapGet(
                "/{id}/intermediates/{kind}",
                (string id, string kind, RestorationEndpoints all) => all.Intermediate(id, kind)
            )
            .WithName("GetIntermediate")
            .WithSummary("An image from the middle of the work: clean, weights or preview.")
            .ProducesImage()
            .ProducesErrors(404);
        jobs.MapPost("/{id}/cancel", (string id, RestorationEndpoints all) => all.Cancel(id))
            .WithName("CancelRestoration")
            .WithSummary("Ends a restoration within a step; what is known of it stays.")
            .Produces<JobView>(StatusCodes.Status202Accepted)
            .ProducesErrors(404, 503, 507);
        jobs.MapDelete("/{id}", (string id, RestorationEndpoints all) => all.Delete(id))
            .WithName("DeleteRestoration")
            .WithSummary("Ends a restoration within a step and deletes everything of it.")
            .Produces(StatusCodes.Status204NoContent)
            .ProducesErrors(404, 503, 507);
    }

    private async Task<IResult> CreateAsync(HttpContext context)
    {
        if (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            throw new ApiException(
                StatusCodes.Status503ServiceUnavailable,
                ErrorCode.ShuttingDown,
                "The server is stopping. Try again in a moment."
            );
        }

        var request = context.Request;
        var sender = owner.Of(context);
        using var slot = board.Reserve(sender.Address, uploads.MostBytes(request));
        using var upload = await uploads.ReadAsync(request, slot, context.RequestAborted);
        var job = Describe(upload, sender);
        board.Accept(job, upload.Path, slot);
        return Results.Accepted($"{Root}/{job.Id}", views.Of(job.Id));
    }

    /// <summary>The job that a form asks for; everything that can be known to fail later is refused now.</summary>
    private Job Describe(Upload upload, Sender sender)
    {
        var texts = upload.Fields.ToDictionary(StringComparer.Ordinal);
        var model = texts.Remove("model", out var named) && named.Length > 0 ? named : models.Default;
        var pack = models.Find(model);
        var asked = form.Read(pack, texts);
        models.Require(pack, asked.Options);
        var info = ImageLimits.Inspect(upload, options);
        var pixels = ImageLimits.RequireOutput(pack, asked, info, upload.FileName, options);
        return new Job
        {
            Id = JobId.New(),
            Owner = sender.Client,
            Address = sender.Address,
            Model = model,
            Options = texts,
            Input = new Picture(upload.FileName, info.Width, info.Height, upload.Bytes, info.Format),
            Created = time.GetUtcNow(),
            Bytes = ImageLimits.MostBytes(upload.Bytes, pixels, info.Depth),
        };
    }

    private JobView Get(string id) => views.Of(Id(id));

    private async Task WatchAsync(string id, HttpContext context) =>
        await events.WriteAsync(Id(id), context, lifetime.ApplicationStopping);

    private async Task<IResult> OriginalAsync(string id, bool download, CancellationToken cancellation)
    {
        var (job, _) = board.Find(Id(id));
        var (path, format) = (folder.Original(job.Id), job.Input.Format);
        if (download)
        {
            return Image(path, format, job.Input.Name);
        }

        // Browsers apply the orientation that the file states.
        if (!BrowserForm.IsShown(format))
        {
            await browser.MakeAsync(path, folder.ShownOriginal(job.Id), cancellation);
            (path, format) = (folder.ShownOriginal(job.Id), ImageFormat.Png);
        }

        return Image(path, format);
    }

    private async Task<IResult> ResultAsync(string id, bool view, CancellationToken cancellation)
    {
        var (job, _) = board.Find(Id(id));
        if (job.Output is not { } output)
        {
            throw new ApiException(
                StatusCodes.Status409Conflict,
                ErrorCode.NotReady,
                job.Error?.Message ?? "There is no result yet."
            );
        }

        var path = folder.Result(job.Id);
        if (!view)
        {
            return Image(path, output.Format, output.Name);
        }

        if (BrowserForm.IsShown(output.Format))
        {
            return Image(path, output.Format);
        }

        await browser.MakeAsync(path, folder.ShownResult(job.Id), cancellation);
        return Image(folder.ShownResult(job.Id), ImageFormat.Png);
    }

    private IResult Intermediate(string id, string kind)
    {
        var (job, _) = board.Find(Id(id));
        foreach (var image in job.Intermediates)
        {
            if (image.ToString().Equals(kind, StringComparison.OrdinalIgnoreCase))
            {
                var format = image == MiddleImage.Preview ? ImageFormat.Jpeg : ImageFormat.Png;
                return Image(folder.Intermediate(job.Id, image), format);
            }
        }

        throw ApiException.NotFound("There is no such image of this restoration.");
    }

    private IResult Cancel(string id)
    {
        board.Cancel(Id(id));
        return Results.Accepted(value: views.Of(Id(id)));
    }

    private IResult Delete(string id)
    {
        board.Delete(Id(id));
        return Results.NoContent();
    }

    private static JobId Id(string text) => JobId.TryParse(text, out var id) ? id : throw ApiException.NotFound();

    /// <summary>A file as the response. It may vanish at any time, when its job is deleted.</summary>
    private static IResult Image(string path, ImageFormat format, string? downloadName = null)
    {
        try
        {
            var file = new FileStream(
                path,
                FileMode.Open,
                FileAccess.Read,
                FileShare.Read | FileShare.Delete,
                bufferSize: 65_536,
                useAsync: true
            );
            return Results.File(file, format.MediaType(), downloadName, enableRangeProcessing: true);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            throw ApiException.NotFound();
        }
    }
}
