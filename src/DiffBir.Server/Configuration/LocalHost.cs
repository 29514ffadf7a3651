using System.Net;

namespace DiffBir.Server.Configuration;

/// <summary>Names and addresses of the machine itself.</summary>
internal static class LocalHost
{
    private const string Name = "localhost";

    /// <summary>Whether a name or an address can be reached from this machine only.</summary>
    public static bool Is(string host) => TryAddressOf(host) is { } address && IPAddress.IsLoopback(address);

    /// <summary>The address of localhost, or of an address as text.</summary>
    /// <exception cref="FormatException">The text is neither.</exception>
    public static IPAddress AddressOf(string host) =>
        TryAddressOf(host) ?? throw new FormatException($"\"{host}\" is no address.");

    /// <summary>The address of localhost, or of an address as text; null for other names.</summary>
    public static IPAddress? TryAddressOf(string host) =>
        host.Equals(Name, StringComparison.OrdinalIgnoreCase) ? IPAddress.Loopback
        : IPAddress.TryParse(host.Trim('[', ']'), out var address) ? address
        : null;
}
