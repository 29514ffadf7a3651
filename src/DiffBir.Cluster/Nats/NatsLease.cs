using DiffBir.Cluster.Jobs;
using DiffBir.Cluster.Observing;
using DiffBir.Cluster.Queues;
using NATS.Client.JetStream;

namespace DiffBir.Cluster.Nats;

/// <summary>A message that the server has lent to us. The server takes back nothing: a late acknowledgment removes the job, whoever has it.</summary>
internal sealed class NatsLease(INatsJSMsg<byte[]> message, NatsCalls calls) : ILease
{
    /// <inheritdoc/>
    public Job? Job { get; } = message.Data is { } data ? ClusterJson.Read<Job>(data) : null;

    /// <inheritdoc/>
    public string? TraceParent { get; } =
        message.Headers is { } headers && headers.TryGetLastValue(ClusterTelemetry.TraceParent, out var parent) ? parent : null;

    /// <inheritdoc/>
    public Task ExtendAsync(CancellationToken cancellation) =>
        calls.Ask(() => message.AckProgressAsync(cancellationToken: cancellation));

    /// <inheritdoc/>
    public Task CompleteAsync(CancellationToken cancellation) =>
        calls.Ask(() => message.AckAsync(cancellationToken: cancellation));

    /// <inheritdoc/>
    public Task HandBackAsync(TimeSpan delay, CancellationToken cancellation) =>
        calls.Ask(() => message.NakAsync(new AckOpts { NakDelay = delay }, cancellation));
}
