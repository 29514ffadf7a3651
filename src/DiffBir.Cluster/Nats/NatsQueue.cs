using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using DiffBir.Cluster.Jobs;
using DiffBir.Cluster.Observing;
using DiffBir.Cluster.Queues;
using NATS.Client.Core;
using NATS.Client.JetStream;
using NATS.Client.JetStream.Models;

namespace DiffBir.Cluster.Nats;

/// <summary>A queue in NATS JetStream.</summary>
/// <remarks>
/// A batch is a stream whose messages go when they are acknowledged, with one message at most for each job. One consumer lends
/// them; without a list of back-offs, which would replace the time of a lease.
/// </remarks>
internal sealed class NatsQueue : IJobQueue
{
    private const int NoSuchStream = 10059;
    private const int OtherConfiguration = 10058;
    private const int StoreFailed = 10077;
    private const int NoSuchMessage = 10037;
    private const string PerSubject = "per subject";

    /// <summary>Older servers lose jobs of a stream in known ways; they cost repeated work.</summary>
    private static readonly Version MinVersion = new(2, 10);

    private static readonly NatsRawSerializer<byte[]> Raw = NatsRawSerializer<byte[]>.Default;
    private static readonly NatsJSPubOpts Once = new() { RetryAttempts = 1 };

    private static readonly NatsSubOpts Moment = new()
    {
        StartUpTimeout = TimeSpan.FromMilliseconds(300),
        IdleTimeout = TimeSpan.FromMilliseconds(100),
        Timeout = TimeSpan.FromSeconds(1),
        ThrowIfNoResponders = false,
        StopOnEmptyMsg = true,
    };

    private readonly NatsConnection _connection;
    private readonly NatsJSContext _context;
    private readonly QueueRules _rules;
    private readonly NatsCalls _calls;
    private readonly ConcurrentDictionary<string, INatsJSConsumer> _consumers = [];

    private NatsQueue(NatsConnection connection, QueueRules rules, NatsCalls calls)
    {
        (_connection, _rules, _calls) = (connection, rules, calls);
        _context = new NatsJSContext(connection);
    }

    /// <summary>What is to be known of the server, in a sentence; null: nothing.</summary>
    public string? Warning =>
        _connection.ServerInfo is { Version: { } text }
        && Version.TryParse(text.Split('-')[0], out var version)
        && version < MinVersion
            ? $"The NATS server is version {text}. Use 2.12 or later, with sync_interval: always; older ones may forget jobs, which are then done again."
            : null;

    /// <summary>Connects.</summary>
    /// <param name="address">The server.</param>
    /// <param name="rules">How jobs are handed out.</param>
    /// <param name="name">Who we are, for the server's lists.</param>
    /// <exception cref="QueueException">Nobody answers, or we are not let in.</exception>
    public static async Task<NatsQueue> ConnectAsync(NatsAddress address, QueueRules rules, string name)
    {
        if (address.CredentialsFile is { } file && !File.Exists(file))
        {
            throw new QueueAddressException($"The file of credentials {file} is missing.");
        }

        var connection = new NatsConnection(address.ToOptions(name));
        try
        {
            await connection.ConnectAsync();
            return new NatsQueue(connection, rules, new NatsCalls(address.Name));
        }
        catch (Exception error) when (error is NatsException or IOException or TimeoutException)
        {
            await connection.DisposeAsync();
            // The client's own words may name the address with all that is in it.
            throw new QueueException(
                $"No NATS server lets us in at {address.Name}. Start one with JetStream (nats-server -js), or see to address, credentials and TLS (--cluster).",
                error
            );
        }
    }

    /// <inheritdoc/>
    public Task OpenAsync(BatchDescription batch, CancellationToken cancellation) =>
        _calls.Ask(async () =>
        {
            await CreateStreamAsync(batch.Id, cancellation);
            await _context.CreateOrUpdateConsumerAsync(
                NatsNames.Stream(batch.Id),
                new ConsumerConfig(NatsNames.Consumer)
                {
                    AckPolicy = ConsumerConfigAckPolicy.Explicit,
                    AckWait = _rules.Lease,
                    FilterSubject = NatsNames.Jobs(batch.Id),
                    MaxAckPending = _rules.MaxJobs,
                    MaxDeliver = _rules.MaxDeliveries,
                },
                cancellation
            );
            // Refused where it is there already, which is as well.
            await PublishAsync(NatsNames.Description(batch.Id), ClusterJson.Write(batch), cancellation);
        });

    /// <inheritdoc/>
    public Task<IReadOnlyList<BatchDescription>> BatchesAsync(CancellationToken cancellation) =>
        _calls.Ask<IReadOnlyList<BatchDescription>>(async () =>
        {
            var batches = new List<BatchDescription>();
            await foreach (var name in _context.ListStreamNamesAsync(NatsNames.AllDescriptions, cancellation))
            {
                // The consumer comes last. Asked for a message of a stream that it is still making, nats-server 2.9.10 ends itself.
                if (
                    NatsNames.BatchOf(name) is { } id
                    && await ConsumerAsync(id, cancellation) is not null
                    && await GetAsync(id, new StreamMsgGetRequest { LastBySubj = NatsNames.Description(id) }, cancellation)
                        is { } message
                    && ClusterJson.Read<BatchDescription>(message.Data.Span)
                        is { Id: not null, Output: not null, Recipe: not null } batch
                )
                {
                    batches.Add(batch);
                }
            }

            Forget(batches);
            return batches;
        });

    /// <inheritdoc/>
    public Task<Enqueued> EnqueueAsync(string batch, Job job, CancellationToken cancellation) =>
        _calls.Ask(async () =>
        {
            try
            {
                var answer = await PublishAsync(NatsNames.Job(batch, job.Id), ClusterJson.Write(job), cancellation);
                return answer.Error switch
                {
                    null => Enqueued.Added,
                    { ErrCode: StoreFailed, Description: { } why } => why.Contains(PerSubject, StringComparison.Ordinal)
                        ? Enqueued.AlreadyThere
                        : Enqueued.Full,
                    var other => throw new NatsJSApiException(other),
                };
            }
            catch (Exception error) when (error is NatsNoRespondersException or NatsJSPublishNoResponseException)
            {
                return Enqueued.NoBatch;
            }
        });

    /// <inheritdoc/>
    public Task<QueueState?> StateAsync(string batch, CancellationToken cancellation) =>
        _calls.Ask(async () =>
        {
            try
            {
                var stream = await _context.GetStreamAsync(NatsNames.Stream(batch), cancellationToken: cancellation);
                var consumer = await _context.GetConsumerAsync(NatsNames.Stream(batch), NatsNames.Consumer, cancellation);
                return new QueueState(
                    Math.Max(0, (long)stream.Info.State.Messages - 1), // less the description
                    (long)consumer.Info.NumPending,
                    (long)consumer.Info.NumAckPending
                );
            }
            catch (NatsJSApiException error) when (error.Error.Code == 404)
            {
                return null;
            }
        });

    /// <inheritdoc/>
    public async IAsyncEnumerable<Job> JobsAsync(string batch, [EnumeratorCancellation] CancellationToken cancellation)
    {
        ulong next = 1;
        while (true)
        {
            var request = new StreamMsgGetRequest { NextBySubj = NatsNames.Jobs(batch), Seq = next };
            if (await _calls.Ask(() => GetAsync(batch, request, cancellation)) is not { } message)
            {
                yield break;
            }

            next = message.Seq + 1;
            if (ClusterJson.Read<Job>(message.Data.Span) is { Id: not null, Input: not null, Outputs.Count: > 0 } job)
            {
                yield return job;
            }
        }
    }

    /// <inheritdoc/>
    public Task RemoveAsync(string batch, string job, CancellationToken cancellation) =>
        _calls.Ask(() =>
            Unless404(() =>
                _context.PurgeStreamAsync(
                    NatsNames.Stream(batch),
                    new StreamPurgeRequest { Filter = NatsNames.Job(batch, job) },
                    cancellation
                )
            )
        );

    /// <inheritdoc/>
    public Task CloseAsync(string batch, CancellationToken cancellation) =>
        _calls.Ask(() => Unless404(() => _context.DeleteStreamAsync(NatsNames.Stream(batch), cancellation)));

    /// <inheritdoc/>
    public async Task<ILease?> TakeAsync(string batch, TimeSpan patience, CancellationToken cancellation)
    {
        try
        {
            return await _calls.Ask<ILease?>(async () =>
            {
                var consumer = await ConsumerAsync(batch, cancellation);
                var message = consumer is null ? null : await NextAsync(consumer, patience, cancellation);
                return message is null ? null : new NatsLease(message, _calls);
            });
        }
        catch (QueueException error) when (error.InnerException is NatsJSException or NatsNoRespondersException)
        {
            // The batch has ended while we waited, or the server has lost it.
            _consumers.TryRemove(batch, out _);
            await Task.Delay(patience, cancellation);
            return null;
        }
    }

    /// <inheritdoc/>
    public async Task AnswerAsync(Func<WorkerState> state, CancellationToken cancellation) =>
        await _calls.Ask(async () =>
        {
            await foreach (
                var message in _connection.SubscribeAsync(NatsNames.Workers, serializer: Raw, cancellationToken: cancellation)
            )
            {
                await message.ReplyAsync(ClusterJson.Write(state()), serializer: Raw, cancellationToken: cancellation);
            }
        });

    /// <inheritdoc/>
    public Task<IReadOnlyList<WorkerState>> WorkersAsync(CancellationToken cancellation) =>
        _calls.Ask<IReadOnlyList<WorkerState>>(async () =>
        {
            var workers = new List<WorkerState>();
            var replies = _connection.RequestManyAsync(
                NatsNames.Workers,
                Array.Empty<byte>(),
                requestSerializer: Raw,
                replySerializer: Raw,
                replyOpts: Moment,
                cancellationToken: cancellation
            );
            await foreach (var reply in replies)
            {
                if (
                    reply.Data is { Length: > 0 } data
                    && ClusterJson.Read<WorkerState>(data)
                        is { Name: not null, Running: not null, Refused: not null, Progress: not null } worker
                )
                {
                    workers.Add(worker);
                }
            }

            return [.. workers.OrderBy(worker => worker.Name, StringComparer.Ordinal)];
        });

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    private async Task CreateStreamAsync(string batch, CancellationToken cancellation)
    {
        var config = new StreamConfig(NatsNames.Stream(batch), [NatsNames.Jobs(batch), NatsNames.Description(batch)])
        {
            Retention = StreamConfigRetention.Workqueue,
            Storage = StreamConfigStorage.File,
            Discard = StreamConfigDiscard.New,
            DiscardNewPerSubject = true,
            MaxMsgsPerSubject = 1,
            MaxMsgs = _rules.MaxJobs + 1, // and the description
        };
        try
        {
            await _context.CreateStreamAsync(config, cancellation);
        }
        catch (NatsJSApiException error) when (error.Error.ErrCode == OtherConfiguration)
        {
            // Somebody with other rules has opened it; theirs hold.
        }
    }

    private static async ValueTask<INatsJSMsg<byte[]>?> NextAsync(
        INatsJSConsumer consumer,
        TimeSpan patience,
        CancellationToken cancellation
    )
    {
        if (patience > TimeSpan.Zero)
        {
            return await consumer.NextAsync(Raw, new NatsJSNextOpts { Expires = patience }, cancellation);
        }

        await foreach (var message in consumer.FetchNoWaitAsync(new NatsJSFetchOpts { MaxMsgs = 1 }, Raw, cancellation))
        {
            return message;
        }

        return null;
    }

    private ValueTask<PubAckResponse> PublishAsync(string subject, byte[] content, CancellationToken cancellation) =>
        _context.PublishAsync(subject, content, Raw, Once, Headers(), cancellation);

    private static NatsHeaders? Headers() =>
        Activity.Current?.Id is { } parent ? new NatsHeaders { [ClusterTelemetry.TraceParent] = parent } : null;

    /// <summary>A message of a batch's stream; null where there is none.</summary>
    private async ValueTask<StoredMessage?> GetAsync(string batch, StreamMsgGetRequest request, CancellationToken cancellation)
    {
        try
        {
            var subject = $"{_context.Opts.Prefix}.STREAM.MSG.GET.{NatsNames.Stream(batch)}";
            var answer = await _context.JSRequestResponseAsync<StreamMsgGetRequest, StreamMsgGetResponse>(
                subject,
                request,
                cancellation
            );
            return answer.Message;
        }
        catch (NatsJSApiException error) when (error.Error.ErrCode is NoSuchMessage or NoSuchStream)
        {
            return null;
        }
    }

    private async Task<INatsJSConsumer?> ConsumerAsync(string batch, CancellationToken cancellation)
    {
        if (_consumers.TryGetValue(batch, out var known))
        {
            return known;
        }

        try
        {
            return _consumers[batch] = await _context.GetConsumerAsync(NatsNames.Stream(batch), NatsNames.Consumer, cancellation);
        }
        catch (NatsJSApiException error) when (error.Error.Code == 404)
        {
            return null;
        }
    }

    /// <summary>Forgets the consumers of batches that have ended: a server's batches are as many as its photos.</summary>
    private void Forget(IEnumerable<BatchDescription> there) =>
        _consumers.Keys.Except(there.Select(batch => batch.Id)).ToList().ForEach(ended => _consumers.TryRemove(ended, out _));

    private static async ValueTask<bool> Unless404<T>(Func<ValueTask<T>> act)
    {
        try
        {
            await act();
            return true;
        }
        catch (NatsJSApiException error) when (error.Error.Code == 404)
        {
            return false;
        }
    }
}
