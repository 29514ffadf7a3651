using DiffBir.Cluster.Jobs;
using DiffBir.Cluster.Observing;
using DiffBir.Cluster.Queues;
using NATS.Client.JetStream;

namespace DiffBir.Cluster.Nats;

/// <summary>A message that the server has lent to us. The server takes back nothing: a late acknowledgment removes the job, whoever has it.</summary>
internal sealed class NatsLease(INatsJSMsg<byte[]> message, NatsCalls calls) : ILease
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <inheritdoc/>
    public Job? Job { get; } = message.Data is { } data ? ClusterJson.Read<Job>(data) : null;

    /// <inheritdoc/>
    public string? TraceParent { get; } =
        message.Headers is { } headers && headers.TryGetLastValue(ClusterTelemetry.TraceParent, out var parent) ? parent : null;

    /// <inheritdoc/>
    public Task ExtendAsync(CancellationToken cancellation) =>
        AskAsync(token => message.AckProgressAsync(cancellationToken: token), cancellation);

    /// <inheritdoc/>
    public Task CompleteAsync(CancellationToken cancellation) =>
        AskAsync(token => message.AckAsync(cancellationToken: token), cancellation);

    /// <inheritdoc/>
    public Task HandBackAsync(TimeSpan delay, CancellationToken cancellation) =>
        AskAsync(token => message.NakAsync(new AckOpts { NakDelay = delay }, token), cancellation);

    /// <summary>Tells the server, but waits for one that is away no longer than a moment: who is told to end must end.</summary>
    private Task AskAsync(Func<CancellationToken, ValueTask> ask, CancellationToken cancellation) =>
        calls.Ask(async () =>
        {
            using var moment = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            moment.CancelAfter(Patience);
            try
            {
                await ask(moment.Token).AsTask().WaitAsync(moment.Token);
            }
            catch (OperationCanceledException late) when (!cancellation.IsCancellationRequested)
            {
                throw new TimeoutException("No answer came in time", late);
            }
        });
}
