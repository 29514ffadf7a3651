using System.Security.Cryptography;
using Microsoft.Net.Http.Headers;

namespace DiffBir.Server.Api;

/// <summary>The page: files inside the program. Nothing is looked up on disk.</summary>
internal static class PageEndpoints
{
    private const string Folder = "Page/";
    private const string Start = "index.html";

    private static readonly Dictionary<string, string> MediaTypes = new()
    {
        [".css"] = "text/css; charset=utf-8",
        [".html"] = "text/html; charset=utf-8",
        [".ico"] = "image/x-icon",
        [".js"] = "text/javascript; charset=utf-8",
        [".json"] = "application/json",
        [".png"] = "image/png",
        [".svg"] = "image/svg+xml",
        [".webmanifest"] = "application/manifest+json",
        [".woff2"] = "font/woff2",
    };

    /// <summary>Gives the files their addresses: the start page is <c>/</c>, the others are under <c>/assets/</c>.</summary>
    public static void Map(IEndpointRouteBuilder routes)
    {
        var assembly = typeof(PageEndpoints).Assembly;
        foreach (var resource in assembly.GetManifestResourceNames())
        {
            if (
                resource.StartsWith(Folder, StringComparison.Ordinal)
                && MediaTypes.TryGetValue(Path.GetExtension(resource), out var type)
            )
            {
                using var stream = assembly.GetManifestResourceStream(resource)!;
                Map(routes, resource.Replace('\\', '/')[Folder.Length..], type, Content(stream));
            }
        }
    }

    private static void Map(IEndpointRouteBuilder routes, string name, string mediaType, byte[] content)
    {
        var digest = Convert.ToHexStringLower(SHA256.HashData(content).AsSpan(0, 8));
        var tag = new EntityTagHeaderValue($"\"{digest}\"");
        routes
            .MapGet(
                name == Start ? "/" : $"/assets/{name}",
                (HttpContext context) =>
                {
                    context.Response.Headers.CacheControl = "no-cache"; // kept, and asked for by its tag
                    return Results.Bytes(content, mediaType, entityTag: tag);
                }
            )
            .ExcludeFromDescription();
    }

    private static byte[] Content(Stream stream)
    {
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        return copy.ToArray();
    }
}
