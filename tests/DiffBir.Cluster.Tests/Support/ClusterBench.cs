using System.Collections.Concurrent;
using System.Text;
using DiffBir.Cluster.Feeding;
using DiffBir.Cluster.Jobs;
using DiffBir.Cluster.Places;
using DiffBir.Cluster.Queues;
using DiffBir.Cluster.S3;
using DiffBir.Cluster.Stores;
using DiffBir.Cluster.Working;

namespace DiffBir.Cluster.Tests.Support;

/// <summary>A folder of photos, one of results, a queue, and whoever works with them.</summary>
internal sealed class ClusterBench : IDisposable
{
    /// <summary>How long a test waits for what must come.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(20);

    private readonly TemporaryFolder _folder = new();
    private readonly List<string> _photos = [];
    private readonly CancellationTokenSource _end = new();
    private readonly List<Task> _workers = [];

    private readonly IBenchPlace _in;
    private readonly IBenchPlace _out;

    /// <param name="queue">The queue; else one in memory.</param>
    /// <param name="output">The folder of results; else one of its own.</param>
    /// <param name="s3">Photos and results are in a bucket there; else in folders.</param>
    public ClusterBench(IJobQueue? queue = null, string? output = null, S3Double? s3 = null)
    {
        Queue = queue ?? new InProcessQueue();
        Scratch = Directory.CreateDirectory(_folder.File("scratch")).FullName;
        Places = new ClusterPlaces(s3?.Connect() ?? S3Client.FromEnvironment(), Scratch);
        _in = s3 is null ? new FolderPlace(_folder.File("in")) : new BucketPlace(s3, "photos", "in");
        _out = s3 is null ? new FolderPlace(output ?? _folder.File("out")) : new BucketPlace(s3, "photos", "out");
        (In, Out) = (_in.Name, _out.Name);
        Batch = BatchOf("1");
    }

    public IJobQueue Queue { get; }

    /// <summary>The queue in memory.</summary>
    public InProcessQueue InProcess => (InProcessQueue)Queue;

    /// <summary>How often workers give a sign of life.</summary>
    public TimeSpan Heartbeat { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Where photos and results are.</summary>
    public ClusterPlaces Places { get; }

    /// <summary>The folder of this machine for copies.</summary>
    public string Scratch { get; }

    public string In { get; }

    public string Out { get; }

    public BatchDescription Batch { get; private set; }

    public IStore Store => Places.StoreOf(Batch);

    /// <summary>All records, those of failures too.</summary>
    public IReadOnlyList<JobRecord> Records =>
        [
            .. _out
                .Files.Where(file => file.StartsWith(Layout.Records, StringComparison.Ordinal))
                .Select(file => ClusterJson.Read<JobRecord>(_out.Read(file))!),
        ];

    /// <summary>The batch with other options.</summary>
    public BatchDescription BatchOf(string seed) =>
        BatchDescription.Of(
            [In],
            Out,
            new Recipe
            {
                Version = "1",
                Model = "stub",
                Weights = "1",
                Options = new() { ["seed"] = seed },
            }
        );

    public void UseOtherOptions() => Batch = BatchOf("2");

    public void Photos(int count)
    {
        for (var number = 0; number < count; number++)
        {
            Photo($"{number:000}.png", $"photo {number}");
        }
    }

    public void Photo(string name, string content)
    {
        _in.Write(name, content);
        _photos.Add(name);
    }

    /// <summary>Feeds until the end.</summary>
    public async Task<Fed> FeedAsync(
        Func<FeedPlan, FeedPlan>? change = null,
        Action<FeedProgress>? hear = null,
        CancellationToken cancellation = default
    )
    {
        var plan = new FeedPlan
        {
            Batch = Batch,
            Items = () => _photos.Select(name => new FeedItem(ClusterPlaces.PathOf(In, name), [name])).ToAsyncEnumerable(),
            Look = LookInterval,
        };
        var fed = new Fed { Hear = hear ?? (_ => { }) };
        using var both = CancellationTokenSource.CreateLinkedTokenSource(_end.Token, cancellation);
        both.CancelAfter(Patience);
        fed.Failed = await new Feeder(
            change?.Invoke(plan) ?? plan,
            new FeedParts(Queue, Places, TimeProvider.System),
            fed
        ).RunAsync(both.Token);
        return fed;
    }

    /// <summary>Starts a worker that works until the bench is disposed, or until it is stopped.</summary>
    public Task StartWorker(
        IJobEngine engine,
        string name = "worker",
        WorkEvents? events = null,
        CancellationToken stop = default
    )
    {
        var options = new WorkerOptions
        {
            Name = name,
            Heartbeat = Heartbeat,
            RetryDelay = LookInterval,
            DrainTime = LookInterval,
            Look = LookInterval,
            Patience = Queue is InProcessQueue ? LookInterval : TimeSpan.FromSeconds(1), // the client waits no shorter time
        };
        var parts = new WorkerParts(Queue, engine, Places, TimeProvider.System);
        var worker = Task.Run(
            async () =>
            {
                using var both = CancellationTokenSource.CreateLinkedTokenSource(_end.Token, stop);
                await new Worker(parts, options, events ?? new WorkEvents()).RunAsync(both.Token);
            },
            CancellationToken.None
        );
        _workers.Add(worker);
        return worker;
    }

    /// <summary>Waits until a worker has let go of its photos.</summary>
    public async Task UntilIdleAsync(string worker)
    {
        using var patience = new CancellationTokenSource(Patience);
        while ((await Queue.WorkersAsync(patience.Token)).Single(state => state.Name == worker).Running.Count > 0)
        {
            await Task.Delay(LookInterval, patience.Token);
        }
    }

    /// <summary>A worker that stops for ever at a step of a photo's way, as a dead one does; others go on.</summary>
    public Task StartWorkerThatDies(WorkStep step, out TaskCompletionSource died)
    {
        var signal = died = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return StartWorker(
            new StubEngine(),
            "dead",
            new WorkEvents
            {
                OnStep = async (at, _) =>
                {
                    if (at == step)
                    {
                        signal.TrySetResult();
                        await Task.Delay(Timeout.Infinite, _end.Token);
                    }
                },
            }
        );
    }

    /// <summary>Every photo has exactly one result, byte for byte that of one machine, and one record; nothing else is there.</summary>
    public void ShouldBeWhole(params string[] failed)
    {
        var restored = _photos.Except(failed).Order(StringComparer.Ordinal).ToList();
        _out.Files.Where(file => !file.StartsWith('.')).ShouldBe(restored);
        foreach (var name in restored)
        {
            _out.Read(name).ShouldBe(StubEngine.Result(_in.Read(name), 0), name);
        }

        Records.Count.ShouldBe(_photos.Count);
        Records
            .Where(record => record.Failure is not null)
            .Select(record => record.Job.Outputs[0])
            .ShouldBe(failed, ignoreOrder: true);
        foreach (var record in Records.Where(record => record.Results is not null))
        {
            var result = record.Results!.ShouldHaveSingleItem();
            result.Sha256.ShouldBe(
                Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(_out.Read(result.Name)))
            );
        }
    }

    /// <summary>Nothing is left of the way: no draft, no attempt, no promise, no copy.</summary>
    public void ShouldBeTidy()
    {
        ShouldLeaveOnlyRecords();
        Directory.EnumerateFiles(Scratch).ShouldBeEmpty();
    }

    /// <summary>The place holds nothing of the way. On its own machine, who is dead has left copies.</summary>
    public void ShouldLeaveOnlyRecords() =>
        _out.Files.Where(file => file.StartsWith('.')).ShouldAllBe(file => file.StartsWith(Layout.Records));

    public void Dispose()
    {
        _end.Cancel();
        // Those that still work write into the folder; how they end is no matter.
        _ = Task.WhenAll(_workers).ContinueWith(static _ => { }, TaskScheduler.Default).Wait(Patience);
        _end.Dispose();
        Places.Dispose();
        _folder.Dispose();
    }
}

/// <summary>What a feeder said.</summary>
internal sealed class Fed : IFeedDisplay
{
    private readonly StringBuilder _said = new();

    public long Failed { get; set; }

    public Action<FeedProgress> Hear { get; init; } = _ => { };

    public ConcurrentQueue<FeedResult> Results { get; } = [];

    public ConcurrentQueue<FeedProgress> Progress { get; } = [];

    public string Said => _said.ToString();

    public FeedResult Of(string photo) => Results.Single(result => Path.GetFileName(result.Item.Input) == photo);

    public void Show(FeedProgress progress)
    {
        Progress.Enqueue(progress);
        Hear(progress);
    }

    public void Tell(string sentence) => _said.AppendLine(sentence);

    public void Report(FeedResult result) => Results.Enqueue(result);
}
