using System.CommandLine;
using DiffBir.Cli.Usage;
using DiffBir.Cluster.Nats;
using DiffBir.Cluster.Queues;

namespace DiffBir.Cli.Clusters;

/// <summary>The options by which commands find the queue of a cluster.</summary>
internal sealed class ClusterOptions
{
    private const string Name = "diffbir"; // in the server's lists of clients
    private const string TokenVariable = "DIFFBIR_CLUSTER_TOKEN";

    private readonly Option<string?> _address;

    private readonly Option<string?> _credentials = new("--cluster-credentials")
    {
        Description = "A file of NATS credentials (.creds).",
        HelpName = "FILE",
    };

    private readonly Option<string?> _token = new("--cluster-token")
    {
        Description = $"The token of the NATS server. Better in the environment: {TokenVariable}.",
        HelpName = "TOKEN",
    };

    private readonly Option<string?> _authority = new("--cluster-ca")
    {
        Description = "A PEM file of the authorities whose certificates are trusted, for servers with TLS (tls://).",
        HelpName = "FILE",
    };

    /// <param name="isRequired">Whether the command needs a cluster.</param>
    /// <param name="description">What the cluster is for.</param>
    public ClusterOptions(bool isRequired, string description) =>
        _address = new Option<string?>("--cluster")
        {
            Description = description,
            Required = isRequired,
            HelpName = "URL",
        };

    /// <summary>The options.</summary>
    public IReadOnlyList<Option> All => [_address, _credentials, _token, _authority];

    /// <summary>Whether a cluster is asked for.</summary>
    public bool IsAskedFor(ParseResult parsed) => parsed.GetValue(_address) is not null;

    /// <summary>Rejects options that mean something to a cluster alone, where none is asked for: they would do nothing.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="others">Those of the command; its own are rejected as well.</param>
    /// <exception cref="UsageException">One is given.</exception>
    public void ValidateAbsence(ParseResult parsed, params IEnumerable<Option> others)
    {
        if (All.Concat(others).FirstOrDefault(option => parsed.GetResult(option) is { Implicit: false }) is { } given)
        {
            throw new UsageException($"{given.Name} is for photos that a cluster restores. Name its server ({_address.Name}).");
        }
    }

    /// <summary>Connects to the queue, and says what is to be known of it.</summary>
    /// <exception cref="QueueAddressException">The address is none.</exception>
    /// <exception cref="WorkException">Nobody answers there.</exception>
    public async Task<IJobQueue> ConnectAsync(ParseResult parsed, QueueRules rules)
    {
        var address = NatsAddress.Parse(parsed.GetValue(_address)!);
        address = address with
        {
            CredentialsFile = parsed.GetValue(_credentials),
            Token = parsed.GetValue(_token) ?? Environment.GetEnvironmentVariable(TokenVariable) ?? address.Token,
            CertificateAuthorityFile = parsed.GetValue(_authority),
        };
        try
        {
            var queue = await NatsQueue.ConnectAsync(address, rules, Name);
            if (queue.Warning is { } warning)
            {
                parsed.InvocationConfiguration.Error.WriteLine(warning);
            }

            return queue;
        }
        catch (QueueException nobody)
        {
            throw new WorkException(nobody.Message, nobody);
        }
    }
}
