using DiffBir.Server.Jobs;
using DiffBir.Server.Safety;
using DiffBir.Server.Uploads;

namespace DiffBir.Server.Api;

/// <summary><c>/api/restorations</c>: everything about one job.</summary>
internal static class RestorationEndpoints
{
    private const string Root = "/api/restorations";

    /// <summary>Gives the endpoints their addresses.</summary>
    public static void Map(IEndpointRouteBuilder routes)
    {
        var jobs = routes.MapGroup(Root).WithTags("Restorations");
        jobs.MapPost("", CreateAsync)
            .WithName("CreateRestoration")
            .WithSummary("Asks for a restoration.")
            .WithMetadata(new RestorationFormMetadata())
            .Produces<JobView>(StatusCodes.Status202Accepted)
            .ProducesErrors(400, 413, 415, 422, 429, 503, 507);
        jobs.MapGet("/{id}", (string id, JobViews views) => views.Of(id))
            .WithName("GetRestoration")
            .WithSummary("Says how a restoration is.")
            .Produces<JobView>()
            .ProducesErrors(404);
        jobs.MapGet(
                "/{id}/events",
                (string id, HttpContext context, EventStream events) => events.WriteAsync(JobViews.Id(id), context)
            )
            .WithName("WatchRestoration")
            .WithSummary("Tells what happens to a restoration, as server-sent events: job, progress, preview.")
            .Produces<string>(contentType: "text/event-stream")
            .ProducesErrors(404);
        ImageEndpoints.Map(jobs);
        jobs.MapPost("/{id}/cancel", Cancel)
            .WithName("CancelRestoration")
            .WithSummary("Ends a restoration within a step; what is known of it stays.")
            .Produces<JobView>(StatusCodes.Status202Accepted)
            .ProducesErrors(404, 503, 507);
        jobs.MapDelete("/{id}", Delete)
            .WithName("DeleteRestoration")
            .WithSummary("Ends a restoration within a step and deletes everything of it.")
            .Produces(StatusCodes.Status204NoContent)
            .ProducesErrors(404, 503, 507);
    }

    private static async Task<IResult> CreateAsync(
        HttpContext context,
        Intake intake,
        Owner owner,
        JobViews views,
        IHostApplicationLifetime lifetime
    )
    {
        if (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            throw new ApiException(
                new(
                    StatusCodes.Status503ServiceUnavailable,
                    ErrorCode.ShuttingDown,
                    "The server is stopping. Try again in a moment."
                )
            );
        }

        var request = context.Request;
        var form = new IncomingForm(request.Body, request.ContentType, request.ContentLength);
        var id = await intake.TakeAsync(form, owner.Of(context), context.RequestAborted);
        return Results.Accepted($"{Root}/{id}", views.Of(id.ToString()));
    }

    private static IResult Cancel(string id, JobBoard board, JobViews views)
    {
        board.Cancel(JobViews.Id(id));
        return Results.Accepted(value: views.Of(id));
    }

    private static IResult Delete(string id, JobBoard board)
    {
        board.Delete(JobViews.Id(id));
        return Results.NoContent();
    }
}
