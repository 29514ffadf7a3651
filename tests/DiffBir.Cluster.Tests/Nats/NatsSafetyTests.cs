using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using DiffBir.Cluster.Nats;
using DiffBir.Cluster.Queues;
using DiffBir.Cluster.Tests.Support;

namespace DiffBir.Cluster.Tests.Nats;

/// <summary>Who may use the queue, with a real server: TLS, and files of credentials.</summary>
public sealed class NatsSafetyTests : IDisposable
{
    private static readonly DateTimeOffset From = new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset Until = new(2100, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [NatsFact]
    public async Task A_server_whose_certificate_is_of_a_trusted_authority_is_spoken_to_with_TLS()
    {
        var authority = Authority("ours");
        using var server = Server(authority, IPAddress.Loopback);

        await using var queue = await ConnectAsync(server, "tls", authority);

        (await queue.BatchesAsync(default)).ShouldBeEmpty();
    }

    [NatsFact]
    public async Task A_server_of_another_authority_of_another_name_or_without_TLS_is_not_spoken_to()
    {
        var (ours, other) = (Authority("ours"), Authority("other"));
        using var server = Server(ours, IPAddress.Loopback);
        using var elsewhere = Server(ours, IPAddress.Parse("192.0.2.1"));
        using var plain = new NatsServer();

        await RefusedAsync(() => ConnectAsync(server, "tls", other));
        await RefusedAsync(() => ConnectAsync(server, "tls", authority: null));
        await RefusedAsync(() => ConnectAsync(elsewhere, "tls", ours));
        await RefusedAsync(() => ConnectAsync(plain, "tls", ours));
    }

    [NatsFact]
    public async Task A_file_of_credentials_lets_in_and_that_of_another_operator_does_not()
    {
        using var trust = new NatsTrust();
        using var others = new NatsTrust();
        using var server = new NatsServer("-c", Write("server.conf", trust.Configuration));
        var address = NatsAddress.Parse(server.Url) with { CredentialsFile = Write("user.creds", trust.Credentials) };
        var wrong = address with { CredentialsFile = Write("other.creds", others.Credentials) };

        await using var queue = await NatsQueue.ConnectAsync(address, new QueueRules(), "test");

        (await queue.BatchesAsync(default)).ShouldBeEmpty();
        await RefusedAsync(() => NatsQueue.ConnectAsync(wrong, new QueueRules(), "test"));
        await RefusedAsync(() => server.ConnectAsync());
    }

    private string Write(string name, string text) => _folder.Write(name, Encoding.ASCII.GetBytes(text));

    private static async Task RefusedAsync(Func<Task<NatsQueue>> connect) =>
        (await Should.ThrowAsync<QueueException>(connect)).Message.ShouldStartWith("No NATS server lets us in at 127.0.0.1:");

    private Task<NatsQueue> ConnectAsync(NatsServer server, string scheme, X509Certificate2? authority)
    {
        var file = authority is null ? null : _folder.Write("ca.pem", Encoding.ASCII.GetBytes(authority.ExportCertificatePem()));
        var url = server.Url.Replace("nats", scheme, StringComparison.Ordinal);
        return NatsQueue.ConnectAsync(NatsAddress.Parse(url) with { CertificateAuthorityFile = file }, new QueueRules(), "test");
    }

    private static X509Certificate2 Authority(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        return request.CreateSelfSigned(From, Until);
    }

    private NatsServer Server(X509Certificate2 authority, IPAddress address)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=queue", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(address);
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.Create(authority, From, Until, RandomNumberGenerator.GetBytes(8));
        var certificateFile = _folder.Write($"{address}.pem", Encoding.ASCII.GetBytes(certificate.ExportCertificatePem()));
        var keyFile = _folder.Write($"{address}.key", Encoding.ASCII.GetBytes(key.ExportPkcs8PrivateKeyPem()));
        return new NatsServer("--tls", "--tlscert", certificateFile, "--tlskey", keyFile);
    }
}
