using DiffBir.Server.Configuration;
using DiffBir.Server.Models;

namespace DiffBir.Server.Api;

/// <summary>A photo that may be restored.</summary>
/// <param name="Width">The upright photo's columns.</param>
/// <param name="Height">Its rows.</param>
/// <param name="Options">The options that would be given, by their names, without the model.</param>
internal sealed record EstimateRequest(int Width, int Height, IReadOnlyDictionary<string, string> Options);

/// <summary>How long a photo would take.</summary>
/// <param name="Model">The model's name.</param>
/// <param name="Seconds">About how long; null where no photo has shown it yet, or the model cannot do it.</param>
internal sealed record EstimateView(string Model, double? Seconds);

/// <summary><c>/api/estimates</c>: how long a photo would take with each model that is here.</summary>
internal static class EstimateEndpoints
{
    /// <summary>Gives the endpoint its address.</summary>
    public static void Map(IEndpointRouteBuilder routes) =>
        routes
            .MapPost("/api/estimates", Estimate)
            .WithTags("What there is")
            .WithName("EstimateTimes")
            .WithSummary("About how long a photo of a size would take with each model that is here, by what earlier photos took.")
            .ProducesErrors(400, 413);

    private static IReadOnlyList<EstimateView> Estimate(EstimateRequest request, TimeEstimates times, ServerOptions options)
    {
        if (request.Width < 1 || request.Height < 1)
        {
            throw new ApiException(
                new(
                    StatusCodes.Status400BadRequest,
                    ErrorCode.BadRequest,
                    $"A photo of {request.Width}×{request.Height} pixels is none. Give the size of one in width and height."
                )
            );
        }

        if ((long)request.Width * request.Height > options.MaxPixels)
        {
            throw new ApiException(
                new(
                    StatusCodes.Status413PayloadTooLarge,
                    ErrorCode.ImageTooLarge,
                    $"A photo may have at most {options.MaxPixels / 1e6:0.##} megapixels here. Ask for a smaller one."
                )
            );
        }

        return
        [
            .. times.Models.Select(model => new EstimateView(
                model,
                times.Seconds(model, request.Options, request.Height, request.Width)
            )),
        ];
    }
}
