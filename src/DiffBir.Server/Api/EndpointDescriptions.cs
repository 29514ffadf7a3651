namespace DiffBir.Server.Api;

/// <summary>What many endpoints have in common, for the OpenAPI document.</summary>
internal static class EndpointDescriptions
{
    /// <summary>Errors that an endpoint answers with.</summary>
    public static RouteHandlerBuilder ProducesErrors(this RouteHandlerBuilder endpoint, params ReadOnlySpan<int> statuses)
    {
        foreach (var status in statuses)
        {
            endpoint.Produces<Problem>(status, "application/problem+json");
        }

        return endpoint;
    }

    /// <summary>An image as the answer.</summary>
    public static RouteHandlerBuilder ProducesImage(this RouteHandlerBuilder endpoint) =>
        endpoint.Produces<Stream>(StatusCodes.Status200OK, "image/png", "image/jpeg", "image/webp", "image/tiff");
}

/// <summary>Marks the endpoint that takes the form of a restoration.</summary>
internal sealed class RestorationFormMetadata;

/// <summary>Marks an endpoint that takes a photo alone.</summary>
internal sealed class PhotoFormMetadata;
