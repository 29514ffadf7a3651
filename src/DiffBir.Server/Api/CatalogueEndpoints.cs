using DiffBir.Imaging;
using DiffBir.Server.Configuration;
using DiffBir.Server.Models;

namespace DiffBir.Server.Api;

/// <summary>What the server has to offer: models, options, samples.</summary>
internal static class CatalogueEndpoints
{
    /// <summary>Gives the endpoints their addresses.</summary>
    public static void Map(IEndpointRouteBuilder routes)
    {
        var all = routes.MapGroup("/api").WithTags("What there is");
        all.MapGet("/models", (ModelShelf models) => models.View())
            .WithName("GetModels")
            .WithSummary("The models, and what they use where a request says nothing.");
        all.MapGet("/options", (ServerOptions options) => Form(options))
            .WithName("GetOptions")
            .WithSummary("The fields of a request for a restoration, and its limits.");
        all.MapGet("/samples", (SampleShelf samples) => samples.View())
            .WithName("GetSamples")
            .WithSummary("Photos to try the server with.");
        all.MapGet("/samples/{name}", (string name, SampleShelf samples) => Sample(name, samples))
            .WithName("GetSample")
            .WithSummary("A photo to try the server with.")
            .ProducesImage()
            .ProducesErrors(404);
    }

    private static FormView Form(ServerOptions options) =>
        new(RequestForm.View(), new(options.MaxUploadBytes, options.MaxPixels, options.MaxOutputPixels), RequestForm.Formats);

    private static IResult Sample(string name, SampleShelf samples)
    {
        var (path, format) = samples.Find(name);
        return Results.File(path, format.MediaType());
    }
}
