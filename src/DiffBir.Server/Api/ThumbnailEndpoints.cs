using DiffBir.Imaging;
using DiffBir.Server.Safety;
using DiffBir.Server.Uploads;

namespace DiffBir.Server.Api;

/// <summary><c>/api/thumbnails</c>: what a photo looks like that browsers cannot show, before anything is restored.</summary>
internal static class ThumbnailEndpoints
{
    /// <summary>The longest side.</summary>
    private const int Side = 1024;

    private static readonly ImageEncoding Jpeg = new(ImageFormat.Jpeg) { Quality = 85 };

    /// <summary>Gives the endpoint its address.</summary>
    public static void Map(IEndpointRouteBuilder routes) =>
        routes
            .MapPost("/api/thumbnails", MakeAsync)
            .WithTags("Restorations")
            .WithName("MakeThumbnail")
            .WithSummary("A photo, which is not kept, upright and small as JPEG: for those that browsers do not show.")
            .WithMetadata(new PhotoFormMetadata())
            .Produces<Stream>(StatusCodes.Status200OK, ImageFormat.Jpeg.MediaType())
            .ProducesErrors(400, 413, 415, 422, 429, 503, 507);

    private static async Task<IResult> MakeAsync(HttpContext context, TransientUploads uploads, Owner owner)
    {
        var request = context.Request;
        var form = new IncomingForm(request.Body, request.ContentType, request.ContentLength);
        var jpeg = await uploads.LookAsync(form, owner.Of(context), Encode, context.RequestAborted);
        return Results.Bytes(jpeg, ImageFormat.Jpeg.MediaType());
    }

    private static byte[] Encode(Photo photo)
    {
        using var small = photo.FitInto(Side);
        using var stream = new MemoryStream();
        ImageFile.Write(small, stream, Jpeg);
        return stream.ToArray();
    }
}
