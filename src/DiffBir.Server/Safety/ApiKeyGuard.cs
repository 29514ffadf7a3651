using System.Security.Cryptography;
using System.Text;
using DiffBir.Server.Configuration;
using Microsoft.Net.Http.Headers;

namespace DiffBir.Server.Safety;

/// <summary>Asks for the key, where there is one, for everything but the page itself and the health checks.</summary>
internal sealed class ApiKeyGuard(RequestDelegate next, ServerOptions options)
{
    /// <summary>The header for programs that cannot set <c>Authorization</c>.</summary>
    public const string Header = "X-Api-Key";

    private const string Scheme = "Bearer ";

    private static readonly PathString[] Guarded = ["/api", "/openapi"];

    private readonly byte[]? _expected = options.ApiKey is { } key ? Digest(key) : null;

    public Task InvokeAsync(HttpContext context)
    {
        var request = context.Request;
        if (
            _expected is null
            || HttpMethods.IsOptions(request.Method) // what browsers ask first carries no key
            || !Guarded.Any(path => request.Path.StartsWithSegments(path, StringComparison.OrdinalIgnoreCase))
            || (Given(request) is { } given && Matches(given))
        )
        {
            return next(context);
        }

        context.Response.Headers.WWWAuthenticate = Scheme.Trim();
        throw new AccessException(
            AccessProblem.NoKey,
            $"This server asks for a key. Send it in the header {Header}, or as \"Authorization: Bearer KEY\"."
        );
    }

    private static string? Given(HttpRequest request)
    {
        var authorization = request.Headers[HeaderNames.Authorization].ToString();
        return authorization.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? authorization[Scheme.Length..].Trim()
            : request.Headers[Header].ToString() is { Length: > 0 } key ? key
            : null;
    }

    // Digests have one length, so that not even the time tells how much of a guess is right.
    private bool Matches(string given) => CryptographicOperations.FixedTimeEquals(Digest(given), _expected);

    private static byte[] Digest(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}
