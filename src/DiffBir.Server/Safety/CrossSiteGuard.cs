using DiffBir.Server.Configuration;

namespace DiffBir.Server.Safety;

/// <summary>Refuses what the browser says comes from another site: no page elsewhere can use this server through its visitor.</summary>
internal sealed class CrossSiteGuard(RequestDelegate next, ServerOptions options)
{
    public Task InvokeAsync(HttpContext context)
    {
        var request = context.Request;
        return IsAllowed(request)
            ? next(context)
            : throw new AccessException(
                AccessProblem.OtherSite,
                "Pages of other sites may not use this server, unless whoever runs it allows them (--allow-origin)."
            );
    }

    private bool IsAllowed(HttpRequest request)
    {
        var origin = request.Headers.Origin.ToString();
        if (origin.Length > 0)
        {
            return origin == $"{request.Scheme}://{request.Host}"
                || options.AllowedOrigins.Contains(origin, StringComparer.OrdinalIgnoreCase)
                // Behind a proxy that speaks HTTPS this server is asked by HTTP.
                || IsOfSameSite(request) && origin == $"https://{request.Host}";
        }

        return !request.Path.StartsWithSegments("/api", StringComparison.OrdinalIgnoreCase) || IsOfSameSite(request);
    }

    // Programs do not send the header, and a person may follow a link.
    private static bool IsOfSameSite(HttpRequest request) =>
        request.Headers["Sec-Fetch-Site"].ToString() is "" or "same-origin" or "none";
}
