using System.Net.Mime;
using Microsoft.AspNetCore.Http.Features;

namespace DiffBir.Server.Api;

/// <summary>Which results belong into an archive.</summary>
/// <param name="Ids">The jobs.</param>
internal sealed record ArchiveRequest(IReadOnlyList<string> Ids);

/// <summary><c>/api/archive</c>: many results as one file.</summary>
internal static class ArchiveEndpoints
{
    private const string FileName = "diffbir.zip";

    /// <summary>Gives the endpoint its address.</summary>
    public static void Map(IEndpointRouteBuilder routes) =>
        routes
            .MapPost("/api/archive", Archive)
            .WithTags("Restorations")
            .WithName("GetArchive")
            .WithSummary("The results of many restorations as one zip; those that have none, or are not known, are left out.")
            .Produces<Stream>(StatusCodes.Status200OK, MediaTypeNames.Application.Zip)
            .ProducesErrors(400, 404);

    private static IResult Archive(ArchiveRequest request, ResultArchive archive, HttpContext context)
    {
        var results = archive.Find(request.Ids);
        if (results.Count == 0)
        {
            throw ApiException.NotFound("None of these restorations has a result.");
        }

        // What follows an image in a zip, 16 bytes, is written by ZipArchive without waiting.
        context.Features.GetRequiredFeature<IHttpBodyControlFeature>().AllowSynchronousIO = true;
        return Results.Stream(
            stream => ResultArchive.WriteAsync(results, stream, context.RequestAborted),
            MediaTypeNames.Application.Zip,
            FileName
        );
    }
}
