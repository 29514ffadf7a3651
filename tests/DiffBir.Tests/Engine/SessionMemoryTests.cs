using System.Runtime.InteropServices;
using DiffBir.Checkpoints;
using DiffBir.Engine;
using DiffBir.Graphs;
using DiffBir.Networks;
using DiffBir.Tests.Support;

namespace DiffBir.Tests.Engine;

/// <summary>Runs alone: it looks at the memory of the whole process.</summary>
[CollectionDefinition(nameof(SessionMemoryTests), DisableParallelization = true)]
[Collection(nameof(SessionMemoryTests))]
public sealed partial class SessionMemoryTests
{
    private const int Rounds = 20;
    private const int LargeSide = 4096;
    private const long LargeBytes = (long)LargeSide * LargeSide * sizeof(float);

    private static readonly Fixture BsrNet = new(Golden.PathOf("stage1/bsrnet.safetensors"));

    [Fact]
    public void Sessions_give_their_memory_back()
    {
        if (!File.Exists("/proc/self/status"))
        {
            return; // resident memory is read from there
        }

        Dispose(LoadAndRun()); // the allocator's pools fill up in the first rounds
        var start = ResidentBytes();
        Dispose(LoadAndRun());
        var afterDisposing = ResidentBytes() - start;
        var held = LoadAndRun();
        Dispose(LoadAndRun());
        var whileHolding = ResidentBytes() - start;
        Dispose(held);

        // What is held shows, so what is not given back would show as well.
        afterDisposing.ShouldBeLessThan(whileHolding / 2);
    }

    [Fact]
    public void Memory_stays_for_a_network_that_waits_and_goes_where_none_does()
    {
        if (!File.Exists("/proc/self/status"))
        {
            return; // resident memory is read from there
        }

        var start = ResidentBytes();
        var first = Large();
        Run(first);
        var next = Large();
        var whileHeld = ResidentBytes() - start;
        first.Dispose();
        var whileWaiting = ResidentBytes() - start;
        Run(next);
        next.Dispose();
        var atTheEnd = ResidentBytes() - start;

        whileHeld.ShouldBeGreaterThan(LargeBytes);
        whileWaiting.ShouldBeGreaterThan(LargeBytes);
        atTheEnd.ShouldBeLessThan(LargeBytes / 2);
    }

    /// <summary>A network without weights that needs more than <see cref="LargeBytes"/> while it runs.</summary>
    private static NetworkSession Large()
    {
        var g = new GraphBuilder("large");
        var x = g.UpsampleNearest(g.Input("x", [1, 1, LargeSide / 2, LargeSide / 2]), 2);
        var y = g.Sum(g.Silu(x), 2, 3);
        return NetworkSession.Create(g.Build(("y", y)), new Weights(), new EngineOptions { Device = Device.Cpu });
    }

    private static void Run(NetworkSession network) => network.Run(("x", new Tensor(1, 1, LargeSide / 2, LargeSide / 2)));

    private static List<NetworkSession> LoadAndRun()
    {
        var weights = Weights.From(Checkpoint.Open(Golden.PathOf("stage1/BSRNet.pth")));
        var x = BsrNet.Tensor("bsrnet/1x16x24/x");
        var sessions = new List<NetworkSession>();
        for (var round = 0; round < Rounds; round++)
        {
            var graph = RrdbNet.Build(SmallNetworks.RrdbNet, x.Size(0), x.Size(2), x.Size(3));
            var session = NetworkSession.Create(graph, weights, new EngineOptions { Device = Device.Cpu });
            session.Run(("lq", x));
            sessions.Add(session);
        }

        return sessions;
    }

    private static void Dispose(List<NetworkSession> sessions) => sessions.ForEach(session => session.Dispose());

    private static long ResidentBytes()
    {
        const string Key = "RssAnon:";
        // What other tests have freed lies in pools, managed and native; there what is held now would not show.
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        TrimNativePools();
        var line = File.ReadLines("/proc/self/status").First(line => line.StartsWith(Key, StringComparison.Ordinal));
        return long.Parse(line[Key.Length..].Replace("kB", "", StringComparison.Ordinal)) * 1024;
    }

    private static void TrimNativePools()
    {
        try
        {
            _ = Trim(0);
        }
        catch (Exception exception) when (exception is EntryPointNotFoundException or DllNotFoundException)
        {
            // Not glibc: its allocator keeps no such pools.
        }
    }

    [LibraryImport("libc", EntryPoint = "malloc_trim")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Trim(nuint pad);
}
