using DiffBir.Imaging;
using DiffBir.Server.Configuration;
using DiffBir.Server.Models;

namespace DiffBir.Server.Api;

/// <summary>What the server has to offer: models, options, samples.</summary>
internal static class CatalogEndpoints
{
    /// <summary>Gives the endpoints their addresses.</summary>
    public static void Map(IEndpointRouteBuilder routes)
    {
        var all = routes.MapGroup("/api").WithTags("What there is");
        all.MapGet("/models", (ModelCache models) => models.All.Select(CatalogViews.Of))
            .WithName("GetModels")
            .WithSummary("The models, and what they use where a request says nothing.");
        all.MapGet("/options", (ServerOptions options, ModelCache models) => CatalogViews.Form(options, models))
            .WithName("GetOptions")
            .WithSummary("The fields of a request for a restoration, and its limits.");
        all.MapGet("/samples", (SampleStore samples) => samples.All.Select(CatalogViews.Of))
            .WithName("GetSamples")
            .WithSummary("Photos to try the server with.");
        all.MapGet("/samples/{name}", (string name, SampleStore samples) => Sample(name, samples))
            .WithName("GetSample")
            .WithSummary("A photo to try the server with.")
            .ProducesImage()
            .ProducesErrors(404);
    }

    private static IResult Sample(string name, SampleStore samples) =>
        samples.Find(name) is { } sample
            ? Results.File(sample.Path, sample.Info.Format.MediaType())
            : throw ApiException.NotFound("There is no such sample.");
}
