using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using DiffBir.Server.Jobs;

namespace DiffBir.Server.Safety;

/// <summary>Tells clients apart, so that they take turns. What is kept is a digest that says nothing about them.</summary>
internal sealed class Owner
{
    /// <summary>A random text that a browser keeps.</summary>
    public const string Header = "X-Client-Id";

    private const int MaxClientId = 100;
    private const int NetworkBytes = 8; // of an IPv6 address: one machine has all addresses of its network

    // Another one after each start: nobody can find an address by trying all of them.
    private readonly byte[] _secret = RandomNumberGenerator.GetBytes(32);

    /// <summary>Whose a request is.</summary>
    public Sender Of(HttpContext context)
    {
        var address = Network(context.Connection.RemoteIpAddress);
        var client = context.Request.Headers[Header].ToString();
        return new Sender(Digest(address), Digest($"{address}\n{client[..Math.Min(client.Length, MaxClientId)]}"));
    }

    /// <summary>What a machine cannot change of its address.</summary>
    internal static string Network(IPAddress? address) =>
        address switch
        {
            null => "",
            { IsIPv4MappedToIPv6: true } => address.MapToIPv4().ToString(),
            { AddressFamily: AddressFamily.InterNetworkV6 } => Convert.ToHexStringLower(
                address.GetAddressBytes().AsSpan(0, NetworkBytes)
            ),
            _ => address.ToString(),
        };

    private string Digest(string text) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(_secret, Encoding.UTF8.GetBytes(text)).AsSpan(0, 16));
}
