using DiffBir.Server.Models;
using DiffBir.Server.Storage;

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
            .MapGet("/ready", (ModelCache models, StorageHealth storage) => Ready(models, storage))
            .WithName("IsReady")
            .WithSummary("Says whether restorations can be asked for.")
            .Produces<HealthView>()
            .Produces<HealthView>(StatusCodes.Status503ServiceUnavailable);
    }

    private static IResult Ready(ModelCache models, StorageHealth storage)
    {
        string[] problems = [.. new[] { models.Problem, storage.Problem }.OfType<string>()];
        return problems.Length > 0
            ? Results.Json(
                new HealthView("not-ready", problems),
                ApiJson.Options,
                statusCode: StatusCodes.Status503ServiceUnavailable
            )
            : Results.Json(new HealthView("ready", []), ApiJson.Options);
    }
}
