// A web API of one address: curl --data-binary @photo.jpg "http://localhost:5000/restore?upscale=2" -o restored.png
using DiffBir.Hosting;
using DiffBir.Imaging;
using DiffBir.Options;
using DiffBir.Primitives;

var builder = WebApplication.CreateBuilder(args);
builder.Services.AddDiffBir(options =>
{
    options.MaxWaiting = 20;
    options.MaxPixels = 4_000_000;
});

var app = builder.Build();
app.MapPost(
    "/restore",
    async (HttpContext http, RestorerPool restorer, double? upscale) =>
    {
        var request = new RestorationRequest
        {
            Options = new() { Upscale = upscale ?? 1 },
            Format = ImageFormat.Png,
        };
        var restored = new MemoryStream();
        try
        {
            await restorer.RestoreAsync(http.Request.Body, restored, request, cancellation: http.RequestAborted);
        }
        catch (QueueFullException full)
        {
            return Results.Problem(full.Message, statusCode: StatusCodes.Status503ServiceUnavailable);
        }
        catch (DiffBirException failure)
        {
            return Results.Problem(failure.Message, statusCode: StatusCodes.Status400BadRequest);
        }

        restored.Position = 0;
        return Results.Stream(restored, ImageFormat.Png.MediaType());
    }
);
app.Run();
