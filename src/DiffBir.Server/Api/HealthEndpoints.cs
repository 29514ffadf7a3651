using DiffBir.Server.Models;

namespace DiffBir.Server.Api;

/// <summary>Whether the server lives, and whether it can do its work.</summary>
internal static class HealthEndpoints
{
    /// <summary>Gives the endpoints their addresses.</summary>
    public static void Map(IEndpointRouteBuilder routes)
    {
        var health = routes.MapGroup("/health").WithTags("Health");
        health
            .MapGet("/live", () => new HealthView("alive", []))
            .WithName("IsAlive")
            .WithSummary("Answers as long as the server runs.");
        health
            .MapGet("/ready", (ModelShelf models) => Ready(models))
            .WithName("IsReady")
            .WithSummary("Says whether restorations can be asked for.")
            .Produces<HealthView>()
            .Produces<HealthView>(StatusCodes.Status503ServiceUnavailable);
    }

    private static IResult Ready(ModelShelf models) =>
        models.Problem is { } problem
            ? Results.Json(
                new HealthView("not-ready", [problem]),
                ApiJson.Options,
                statusCode: StatusCodes.Status503ServiceUnavailable
            )
            : Results.Json(new HealthView("ready", []), ApiJson.Options);
}
