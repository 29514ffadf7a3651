using System.Net;

namespace DiffBir.Server.Safety;

/// <summary>Names and addresses of the machine itself.</summary>
internal static class LocalHost
{
    /// <summary>Whether a name or an address can be reached from this machine only.</summary>
    public static bool Is(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (
            IPAddress.TryParse(host.Trim('[', ']'), out var address)
            && IPAddress.IsLoopback(address)
        );
}
