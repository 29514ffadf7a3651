using NATS.Client.Core;

namespace DiffBir.Cluster.Nats;

/// <summary>Where the server is, and who we are there.</summary>
internal sealed record NatsAddress
{
    private const string Scheme = "nats";
    private const string SchemeWithTls = "tls";
    private const int DefaultPort = 4222;

    // The client's own 2 seconds are short for a machine whose processors are all at work.
    private static readonly TimeSpan ConnectPatience = TimeSpan.FromSeconds(10);

    /// <summary>Scheme, host and port, without a name or a password.</summary>
    public required Uri Server { get; init; }

    /// <summary>The user; null: none.</summary>
    public string? User { get; init; }

    /// <summary>The user's password; null: none.</summary>
    public string? Password { get; init; }

    /// <summary>A token; null: none.</summary>
    public string? Token { get; init; }

    /// <summary>A file of credentials (.creds); null: none.</summary>
    public string? CredentialsFile { get; init; }

    /// <summary>Certificates of authorities to trust, as a PEM file; null: those of the system.</summary>
    public string? CertificateAuthorityFile { get; init; }

    /// <summary>What may be said and logged of it: host and port.</summary>
    public string Name => $"{Server.Host}:{Server.Port}";

    /// <summary>Reads an address, such as nats://host or tls://user:password@host:4222.</summary>
    /// <exception cref="QueueAddressException">It is none; the message does not repeat it, as it may hold a password.</exception>
    public static NatsAddress Parse(string text)
    {
        if (
            !Uri.TryCreate(
                text.Contains("://", StringComparison.Ordinal) ? text : $"{Scheme}://{text}",
                UriKind.Absolute,
                out var uri
            )
            || uri.Scheme is not (Scheme or SchemeWithTls)
            || uri.Host.Length == 0
            || uri.PathAndQuery.Trim('/').Length > 0
        )
        {
            throw new QueueAddressException(
                $"The address of the queue is not understood. Use one such as {Scheme}://host:{DefaultPort} or {SchemeWithTls}://host (--cluster)."
            );
        }

        var parts = uri.UserInfo.Split(':', 2);
        var user = parts[0].Length > 0 ? Uri.UnescapeDataString(parts[0]) : null;
        var server = new UriBuilder(uri.Scheme, uri.Host, uri.Port < 0 ? DefaultPort : uri.Port).Uri;
        return parts.Length == 2
            ? new NatsAddress
            {
                Server = server,
                User = user,
                Password = Uri.UnescapeDataString(parts[1]),
            }
            : new NatsAddress { Server = server, Token = user };
    }

    /// <summary>Says no secret.</summary>
    public override string ToString() => Name;

    /// <summary>What the client is told.</summary>
    internal NatsOpts ToOptions(string name) =>
        NatsOpts.Default with
        {
            Url = Server.GetLeftPart(UriPartial.Authority),
            Name = name,
            ConnectTimeout = ConnectPatience,
            AuthOpts = new NatsAuthOpts
            {
                Username = User,
                Password = Password,
                Token = Token,
                CredsFile = CredentialsFile,
            },
            TlsOpts = new NatsTlsOpts
            {
                Mode = Server.Scheme == SchemeWithTls ? TlsMode.Require : TlsMode.Auto,
                CaFile = CertificateAuthorityFile,
            },
        };
}

/// <summary>A text that is no address of a queue.</summary>
internal sealed class QueueAddressException(string message) : DiffBirException(message);
