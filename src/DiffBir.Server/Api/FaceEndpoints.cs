using DiffBir.Server.Safety;
using DiffBir.Server.Uploads;

namespace DiffBir.Server.Api;

/// <summary><c>/api/faces</c>: the faces of a photo, before anything is restored.</summary>
internal static class FaceEndpoints
{
    /// <summary>Gives the endpoint its address.</summary>
    public static void Map(IEndpointRouteBuilder routes) =>
        routes
            .MapPost("/api/faces", FindAsync)
            .WithTags("Restorations")
            .WithName("FindFaces")
            .WithSummary("Finds the faces of a photo, which is not kept. Those to restore are named in face-landmarks.")
            .WithMetadata(new PhotoFormMetadata())
            .Produces<FacesView>()
            .ProducesErrors(400, 413, 415, 422, 429, 503, 507);

    private static async Task<FacesView> FindAsync(HttpContext context, FaceSearch search, Owner owner)
    {
        var request = context.Request;
        var form = new IncomingForm(request.Body, request.ContentType, request.ContentLength);
        var found = await search.FindAsync(form, owner.Of(context), context.RequestAborted);
        return new FacesView(found.Width, found.Height, [.. found.Faces.Select(CatalogViews.Of)], found.FoundBy);
    }
}
