using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using NATS.NKeys;

namespace DiffBir.Cluster.Tests.Support;

/// <summary>Who may use a server by signed tokens: an operator, its accounts, and a user of one of them.</summary>
/// <remarks>
/// What a token does not say of limits is none allowed: an account needs connections, payload and room for JetStream, and a server
/// with JetStream needs an account for itself.
/// </remarks>
internal sealed class NatsTrust : IDisposable
{
    private const long IssuedAt = 1_600_000_000; // September 2020, in Unix time

    private readonly KeyPair _operator = KeyPair.CreatePair(PrefixByte.Operator);
    private readonly KeyPair _system = KeyPair.CreatePair(PrefixByte.Account);
    private readonly KeyPair _account = KeyPair.CreatePair(PrefixByte.Account);
    private readonly KeyPair _user = KeyPair.CreatePair(PrefixByte.User);

    /// <summary>What the server is told.</summary>
    public string Configuration
    {
        get
        {
            var (system, account) = (_system.GetPublicKey(), _account.GetPublicKey());
            var operatorToken = Token(
                _operator,
                _operator,
                new JsonObject { ["type"] = "operator", ["system_account"] = system }
            );
            var systemToken = Token(_operator, _system, new JsonObject { ["type"] = "account", ["limits"] = Limits() });
            var limits = Limits();
            foreach (var room in new[] { "mem_storage", "disk_storage", "streams", "consumer" })
            {
                limits[room] = -1;
            }

            var accountToken = Token(_operator, _account, new JsonObject { ["type"] = "account", ["limits"] = limits });
            return $$"""
                operator: {{operatorToken}}
                system_account: {{system}}
                resolver: MEMORY
                resolver_preload: {
                  {{system}}: {{systemToken}}
                  {{account}}: {{accountToken}}
                }
                """;
        }
    }

    /// <summary>The user's file (.creds).</summary>
    public string Credentials
    {
        get
        {
            var claims = new JsonObject
            {
                ["type"] = "user",
                ["subs"] = -1,
                ["data"] = -1,
                ["payload"] = -1,
            };
            return $"""
                -----BEGIN NATS USER JWT-----
                {Token(_account, _user, claims)}
                ------END NATS USER JWT------

                -----BEGIN USER NKEY SEED-----
                {_user.GetSeed()}
                ------END USER NKEY SEED------

                """;
        }
    }

    public void Dispose()
    {
        _operator.Dispose();
        _system.Dispose();
        _account.Dispose();
        _user.Dispose();
    }

    private static JsonObject Limits() =>
        new()
        {
            ["subs"] = -1,
            ["data"] = -1,
            ["payload"] = -1,
            ["imports"] = -1,
            ["exports"] = -1,
            ["wildcards"] = true,
            ["conn"] = -1,
            ["leaf"] = -1,
        };

    private static string Token(KeyPair issuer, KeyPair subject, JsonObject claims)
    {
        claims["version"] = 2;
        var body = new JsonObject
        {
            ["jti"] = Convert.ToHexString(RandomNumberGenerator.GetBytes(16)),
            ["iat"] = IssuedAt,
            ["iss"] = issuer.GetPublicKey(),
            ["name"] = subject.Prefix.ToString().ToLower(CultureInfo.InvariantCulture),
            ["sub"] = subject.GetPublicKey(),
            ["nats"] = claims,
        };
        var signed = $"{Encoded("""{"typ":"JWT","alg":"ed25519-nkey"}""")}.{Encoded(body.ToJsonString())}";
        var signature = new byte[64];
        issuer.Sign(Encoding.ASCII.GetBytes(signed), signature);
        return $"{signed}.{Base64Url.EncodeToString(signature)}";
    }

    private static string Encoded(string text) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));
}
