using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using DiffBir.Cluster.Jobs;
using DiffBir.Cluster.Queues;

namespace DiffBir.Cluster.Tests.Support;

/// <summary>
/// A queue in memory that behaves as JetStream does, its traps included: who completes late removes the job, whoever has it; a job
/// that was handed out too often stays and nobody gets it. Leases end when a test says so.
/// </summary>
internal sealed class InProcessQueue(QueueRules rules) : IJobQueue
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Room> _rooms = [];
    private readonly ConcurrentDictionary<Func<WorkerState>, bool> _workers = [];

    /// <summary>How often a job was added.</summary>
    public int Added { get; private set; }

    /// <summary>How many jobs were in the queue at the same time, at most.</summary>
    public int Peak { get; private set; }

    /// <summary>While set, nothing is answered.</summary>
    public volatile bool IsCutOff;

    public InProcessQueue()
        : this(new QueueRules()) { }

    /// <summary>Loses all that it holds.</summary>
    public void Wipe()
    {
        lock (_lock)
        {
            _rooms.Clear();
        }
    }

    /// <summary>Ends all leases, as if nobody had given a sign of life.</summary>
    public void ExpireLeases()
    {
        lock (_lock)
        {
            foreach (var entry in _rooms.Values.SelectMany(room => room.Entries))
            {
                entry.IsLent = false;
            }
        }
    }

    public Task OpenAsync(BatchDescription batch, CancellationToken cancellation) =>
        Ask(() => _rooms.TryAdd(batch.Id, new Room(batch)));

    public Task<IReadOnlyList<BatchDescription>> BatchesAsync(CancellationToken cancellation) =>
        Ask<IReadOnlyList<BatchDescription>>(() => [.. _rooms.Values.Select(room => room.Batch)]);

    public Task<Enqueued> EnqueueAsync(string batch, Job job, CancellationToken cancellation) =>
        Ask(() =>
        {
            if (!_rooms.TryGetValue(batch, out var room))
            {
                return Enqueued.NoBatch;
            }

            if (room.Entries.Any(entry => entry.Job.Id == job.Id))
            {
                return Enqueued.AlreadyThere;
            }

            if (room.Entries.Count >= rules.MaxJobs)
            {
                return Enqueued.Full;
            }

            room.Entries.Add(new Entry(job));
            Added++;
            Peak = Math.Max(Peak, room.Entries.Count);
            return Enqueued.Added;
        });

    public Task<QueueState?> StateAsync(string batch, CancellationToken cancellation) =>
        Ask(() =>
            _rooms.TryGetValue(batch, out var room)
                ? new QueueState(
                    room.Entries.Count,
                    room.Entries.Count(entry => entry.Deliveries == 0),
                    room.Entries.Count(entry => entry.Deliveries > 0 && (entry.IsLent || entry.Deliveries < rules.MaxDeliveries))
                )
                : null
        );

    public async IAsyncEnumerable<Job> JobsAsync(string batch, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var jobs = await Ask(() =>
            _rooms.TryGetValue(batch, out var room) ? room.Entries.Select(entry => entry.Job).ToList() : []
        );
        foreach (var job in jobs)
        {
            yield return job;
        }
    }

    public Task RemoveAsync(string batch, string job, CancellationToken cancellation) =>
        Ask(() => _rooms.TryGetValue(batch, out var room) ? room.Entries.RemoveAll(entry => entry.Job.Id == job) : 0);

    public Task CloseAsync(string batch, CancellationToken cancellation) => Ask(() => _rooms.Remove(batch));

    public async Task<ILease?> TakeAsync(string batch, TimeSpan patience, CancellationToken cancellation)
    {
        var taken = await Ask(() =>
        {
            var entry = _rooms
                .GetValueOrDefault(batch)
                ?.Entries.Find(entry => !entry.IsLent && !entry.IsDelayed && entry.Deliveries < rules.MaxDeliveries);
            if (entry is null)
            {
                return null;
            }

            entry.IsLent = true;
            entry.Deliveries++;
            return entry;
        });
        if (taken is null)
        {
            await Task.Delay(patience, cancellation);
            return null;
        }

        return new Lease(this, batch, taken);
    }

    public async Task AnswerAsync(Func<WorkerState> state, CancellationToken cancellation)
    {
        _workers[state] = true;
        try
        {
            await Task.Delay(Timeout.Infinite, cancellation);
        }
        finally
        {
            _workers.TryRemove(state, out _);
        }
    }

    public Task<IReadOnlyList<WorkerState>> WorkersAsync(CancellationToken cancellation) =>
        Ask<IReadOnlyList<WorkerState>>(() => [.. _workers.Keys.Select(state => state())]);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private Task<T> Ask<T>(Func<T> answer)
    {
        if (IsCutOff)
        {
            throw new QueueException("The queue does not answer.");
        }

        lock (_lock)
        {
            return Task.FromResult(answer());
        }
    }

    private sealed class Room(BatchDescription batch)
    {
        public BatchDescription Batch { get; } = batch;

        public List<Entry> Entries { get; } = [];
    }

    private sealed class Entry(Job job)
    {
        public Job Job { get; } = job;

        public string? TraceParent { get; } = System.Diagnostics.Activity.Current?.Id;

        public int Deliveries { get; set; }

        public bool IsLent { get; set; }

        public bool IsDelayed { get; set; }
    }

    private sealed class Lease(InProcessQueue queue, string batch, Entry entry) : ILease
    {
        public Job? Job => entry.Job;

        public string? TraceParent => entry.TraceParent;

        public Task ExtendAsync(CancellationToken cancellation) => queue.Ask(() => true);

        public Task CompleteAsync(CancellationToken cancellation) =>
            queue.Ask(() => queue._rooms.GetValueOrDefault(batch)?.Entries.Remove(entry));

        public async Task HandBackAsync(TimeSpan delay, CancellationToken cancellation)
        {
            await queue.Ask(() => entry.IsDelayed = delay > TimeSpan.Zero);
            await queue.Ask(() => entry.IsLent = false);
            if (delay > TimeSpan.Zero)
            {
                _ = Task.Delay(delay, CancellationToken.None).ContinueWith(_ => entry.IsDelayed = false, TaskScheduler.Default);
            }
        }
    }
}
