using DiffBir.Server.Configuration;

namespace DiffBir.Server.Safety;

/// <summary>
/// Refuses requests that call the machine by a name that is not its own: a page from elsewhere can point a name of its own at
/// 127.0.0.1 and would then be of the same origin (DNS rebinding).
/// </summary>
internal sealed class HostGuard(RequestDelegate next, ServerOptions options)
{
    public Task InvokeAsync(HttpContext context)
    {
        var host = context.Request.Host.Host;
        return IsAllowed(host)
            ? next(context)
            : throw new AccessException(
                AccessProblem.OtherHost,
                "The server does not answer to this name. Use localhost, or let whoever runs it allow the name (--allow-host)."
            );
    }

    // Who listens to the network without naming hosts is protected by the key.
    private bool IsAllowed(string host) =>
        (!options.IsLocal && options.AllowedHosts.Count == 0)
        || LocalHost.Is(host)
        || options.AllowedHosts.Contains(host, StringComparer.OrdinalIgnoreCase);
}
