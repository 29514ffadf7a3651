using System.Collections.Concurrent;
using DiffBir.Engine;
using DiffBir.Hosting;
using DiffBir.Imaging;
using DiffBir.Options;
using DiffBir.Packs;
using DiffBir.Restoration;
using DiffBir.Tests.Imaging;
using DiffBir.Tests.Support;
using Microsoft.Extensions.Logging;

namespace DiffBir.Tests.Hosting;

/// <summary>One model for many callers.</summary>
public sealed class RestorerPoolTests
{
    private const int Callers = 32;
    private const int Side = 48;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private static readonly RestorationOptions Stage1 = new()
    {
        Stage1Only = true,
        Upscale = 1,
        Engine = new EngineOptions { Device = Device.Cpu, Threads = 1 },
    };

    // Other networks, other sizes, other ways through the pipeline.
    private static readonly RestorationOptions[] Asked =
    [
        Stage1,
        Stage1 with
        {
            Upscale = 2,
        },
        Stage1 with
        {
            Stage1Only = false,
        },
        Stage1 with
        {
            Stage1Only = false,
            Sampling = new() { Steps = 2 },
            Seed = 7,
        },
    ];

    [Fact]
    public async Task The_log_says_once_what_keeps_the_GPU_from_computing()
    {
        using var lq = APhoto();
        using var recording = new RecordingLog();
        using var logs = LoggerFactory.Create(logging => logging.AddProvider(recording));
        var engine = new EngineOptions { Threads = 1, Probe = Machines.Of(driver: null) };
        var options = new DiffBirOptions { Request = new() { Options = Stage1 with { Engine = engine } } };
        await using var pool = new RestorerPool(options, logs.CreateLogger<RestorerPool>());

        (await pool.RestoreAsync(lq)).Dispose();
        (await pool.RestoreAsync(lq)).Dispose();

        recording.Lines.Count(line => line.Contains($"{NvidiaDriver.Library} cannot be loaded")).ShouldBe(1);
        recording.Lines.Count(line => line.Contains("Restored a photo")).ShouldBe(2);
    }

    [Fact]
    public async Task Thirty_two_callers_at_a_time_get_what_each_would_get_alone()
    {
        using var lq = APhoto();
        var expected = Asked.Select(asked => Alone(lq, asked)).ToList();
        var running = new ConcurrentDictionary<int, bool>();
        var most = 0;
        await using var pool = new RestorerPool(new DiffBirOptions { MaxConcurrency = 3 });

        var restored = await Task.WhenAll(
                Enumerable
                    .Range(0, Callers)
                    .Select(caller =>
                        Task.Run(async () =>
                        {
                            var heard = new Heard(_ =>
                            {
                                running[caller] = true;
                                InterlockedMax(ref most, running.Count);
                            });
                            var photo = await pool.RestoreAsync(lq, Asked[caller % Asked.Length], heard);
                            running.TryRemove(caller, out _);
                            return photo;
                        })
                    )
            )
            .WaitAsync(Patience);

        foreach (var (caller, photo) in restored.Index())
        {
            photo.Pixels.ToTensor().ShouldBeCloseTo(expected[caller % Asked.Length], 0, $"caller {caller}");
            photo.Dispose();
        }

        most.ShouldBeGreaterThan(1);
    }

    [Fact]
    public async Task No_more_than_allowed_are_restored_at_a_time_and_all_share_one_network()
    {
        using var lq = APhoto();
        var (running, most) = (0, 0);
        await using var pool = new RestorerPool(new DiffBirOptions { MaxConcurrency = 2 });
        var both = new Barrier(2);
        var loaded = new ConcurrentBag<int>();

        var photos = await Task.WhenAll(
                Enumerable
                    .Range(0, 8)
                    .Select(_ =>
                    {
                        var begun = false;
                        return pool.RestoreAsync(
                            lq,
                            Stage1,
                            new Heard(progress =>
                            {
                                if (!begun)
                                {
                                    begun = true;
                                    InterlockedMax(ref most, Interlocked.Increment(ref running));
                                    both.SignalAndWait(Patience).ShouldBeTrue("Two are restored at a time");
                                }

                                if (progress is { Stage: RestorationStage.RemovingDegradation, Step: 1 })
                                {
                                    loaded.Add(pool.LoadedNetworks);
                                    Interlocked.Decrement(ref running);
                                }
                            })
                        );
                    })
            )
            .WaitAsync(Patience);

        most.ShouldBe(2);
        loaded.ShouldNotBeEmpty();
        loaded.ShouldAllBe(count => count == 1);
        photos.ToList().ForEach(photo => photo.Dispose());
    }

    [Fact]
    public async Task Who_comes_when_as_many_wait_as_may_is_refused_and_the_others_are_served()
    {
        using var lq = APhoto();
        using var gate = new ManualResetEventSlim();
        await using var pool = new RestorerPool(new DiffBirOptions { MaxWaiting = 1 });

        var first = pool.RestoreAsync(lq, Stage1, new Heard(_ => gate.Wait(Patience)));
        var second = pool.RestoreAsync(lq, Stage1);
        var refusal = await Should.ThrowAsync<QueueFullException>(() => pool.RestoreAsync(lq, Stage1));
        gate.Set();

        refusal.Message.ShouldBe("1 photo(s) wait already, the most that may (MaxWaiting). Try again later.");
        (await first.WaitAsync(Patience)).Dispose();
        (await second.WaitAsync(Patience)).Dispose();
        (await pool.RestoreAsync(lq, Stage1)).Dispose();
    }

    [Fact]
    public async Task Cancelled_while_waiting_or_working_a_call_ends_and_the_next_is_served()
    {
        using var lq = APhoto();
        using var working = new CancellationTokenSource();
        using var waiting = new CancellationTokenSource();
        await using var pool = new RestorerPool(new DiffBirOptions());
        var waiter = Task.FromResult<Photo>(null!);

        var worker = pool.RestoreAsync(
            lq,
            Stage1,
            new Heard(_ =>
            {
                waiter = pool.RestoreAsync(lq, Stage1, progress: null, waiting.Token);
                waiting.Cancel();
                working.Cancel();
            }),
            working.Token
        );

        await Should.ThrowAsync<OperationCanceledException>(() => worker.WaitAsync(Patience));
        await Should.ThrowAsync<OperationCanceledException>(() => waiter.WaitAsync(Patience));
        (await pool.RestoreAsync(lq, Stage1).WaitAsync(Patience)).Dispose();
    }

    [Fact]
    public async Task What_fails_for_one_caller_concerns_no_other()
    {
        using var lq = APhoto();
        await using var pool = new RestorerPool(new DiffBirOptions());

        await Should.ThrowAsync<TimeoutException>(() =>
            pool.RestoreAsync(lq, Stage1, new Heard(_ => throw new TimeoutException()))
        );
        var refusal = await Should.ThrowAsync<OptionException>(() => pool.RestoreAsync(lq, Stage1 with { Samples = 2 }));
        using var restored = await pool.RestoreAsync(lq, Stage1);

        refusal.Message.ShouldBe("A pool makes one result of each photo, got 2 samples. Use a Restorer for several.");
        restored.Pixels.ToTensor().ShouldBeCloseTo(Alone(lq, Stage1), 0);
    }

    [Fact]
    public async Task Disposed_it_ends_what_runs_refuses_what_waits_and_frees_the_networks()
    {
        using var lq = APhoto();
        using var gate = new ManualResetEventSlim();
        var pool = new RestorerPool(new DiffBirOptions());

        var running = pool.RestoreAsync(lq, Stage1, new Heard(_ => gate.Wait(Patience)));
        var waiting = pool.RestoreAsync(lq, Stage1);
        var disposal = pool.DisposeAsync().AsTask();
        await Should.ThrowAsync<ObjectDisposedException>(() => waiting.WaitAsync(Patience));
        disposal.IsCompleted.ShouldBeFalse();
        gate.Set();
        await disposal.WaitAsync(Patience);

        (await running).Dispose();
        pool.LoadedNetworks.ShouldBe(0);
        pool.Dispose();
        await Should.ThrowAsync<ObjectDisposedException>(() => pool.RestoreAsync(lq, Stage1));
    }

    [Theory]
    [InlineData(0, 0, null, "MaxConcurrency is 0; it must be 1 or more.")]
    [InlineData(1, -1, null, "MaxWaiting is -1; it must be 0 or more.")]
    [InlineData(
        4,
        0,
        1_000_000_000L,
        "MaxMemory is 1,000,000,000 bytes for 4 restoration(s) at a time; each needs 256,000,000. Raise it, or lower MaxConcurrency."
    )]
    public void Options_that_cannot_be_followed_are_refused_at_once(int concurrency, int waiting, long? memory, string message)
    {
        var options = new DiffBirOptions
        {
            MaxConcurrency = concurrency,
            MaxWaiting = waiting,
            MaxMemory = memory,
        };

        Should.Throw<OptionException>(() => new RestorerPool(options)).Message.ShouldBe(message);
    }

    [Theory]
    [InlineData(null, null, 0L, 2)]
    [InlineData(1_000_000_000L, null, 500_000_000L, 2)]
    [InlineData(1_000_000_000L, 300_000_000L, 300_000_000L, 2)]
    [InlineData(null, 300_000_000L, 300_000_000L, 2)]
    public void Memory_is_planned_for_all_restorations_together(long? pool, long? call, long each, int sharers)
    {
        var options = new DiffBirOptions { MaxConcurrency = 2, MaxMemory = pool };
        using var slots = new RestorerSlots(PackCatalog.Find(PackCatalog.Mini), options);

        var tiling = slots.Settle(Stage1 with { Tiling = new() { MaxMemory = call } }).Tiling;

        tiling.MemoryLimit.Bytes.ShouldBe(each);
        tiling.Sharers.ShouldBe(sharers);
    }

    private static Photo APhoto() => Photo.Of(Pictures.Gradient(Side, Side));

    private static Tensor Alone(Photo lq, RestorationOptions asked)
    {
        using var restorer = new Restorer(PackCatalog.Find(PackCatalog.Mini), asked);
        using var photo = restorer.Restore(lq)[0];
        return photo.Pixels.ToTensor();
    }

    private static void InterlockedMax(ref int max, int value)
    {
        int seen;
        while ((seen = Volatile.Read(ref max)) < value && Interlocked.CompareExchange(ref max, value, seen) != seen) { }
    }

    /// <summary>Hears progress where it happens, unlike <see cref="Progress{T}"/>.</summary>
    private sealed class Heard(Action<RestorationProgress> hear) : IProgress<RestorationProgress>
    {
        public void Report(RestorationProgress value) => hear(value);
    }
}
