using System.Security.Cryptography;
using System.Text;

namespace DiffBir.Server.Safety;

/// <summary>Tells clients apart, so that they take turns. What is kept is a digest that says nothing about them.</summary>
internal sealed class Owner
{
    /// <summary>A random text that a browser keeps.</summary>
    public const string Header = "X-Client-Id";

    private const int LongestClientId = 100;

    // Another one after each start: nobody can find an address by trying all of them.
    private readonly byte[] _secret = RandomNumberGenerator.GetBytes(32);

    /// <summary>Whose a request is.</summary>
    public string Of(HttpContext context)
    {
        var client = context.Request.Headers[Header].ToString();
        var text = $"{context.Connection.RemoteIpAddress}\n{client[..Math.Min(client.Length, LongestClientId)]}";
        return Convert.ToHexStringLower(HMACSHA256.HashData(_secret, Encoding.UTF8.GetBytes(text)).AsSpan(0, 16));
    }
}
