using DiffBir.Checkpoints;
using DiffBir.Graphs;
using Microsoft.ML.OnnxRuntime;

namespace DiffBir.Engine;

/// <summary>The memory that all networks on the processor compute in, so that each finds what the one before it needed.</summary>
/// <remarks>
/// From the system a network would get new pages, each of which costs a microsecond or, in a virtual machine, several: a tenth of a
/// restoration with official weights (docs/adr/0007-inference-speed.md). A network that is freed gives the memory back to the system,
/// unless another one is loaded and has not run yet: that one will take it.
/// </remarks>
internal sealed class SharedArena
{
    private readonly Lazy<InferenceSession> _trimmer = new(MakeTrimmer, LazyThreadSafetyMode.PublicationOnly);
    private int _waiting;

    private SharedArena() { }

    /// <summary>The runtime has one for the process.</summary>
    public static SharedArena OfProcess { get; } = new();

    /// <summary>Makes sessions with these options compute there, if that is possible here.</summary>
    public static bool TryUse(SessionOptions options)
    {
        if (OnnxRuntime.HasSharedArena)
        {
            options.AddSessionConfigEntry("session.use_env_allocators", "1");
        }

        return OnnxRuntime.HasSharedArena;
    }

    /// <summary>Counts a session that was loaded to compute there.</summary>
    public Use Begin()
    {
        Interlocked.Increment(ref _waiting);
        return new Use(this);
    }

    /// <summary>Gives back what nobody has, unless somebody waits for it.</summary>
    private void Trim()
    {
        if (Volatile.Read(ref _waiting) > 0)
        {
            return;
        }

        try
        {
            using var shrinking = new RunOptions();
            shrinking.AddRunConfigEntry("memory.enable_memory_arena_shrinkage", "cpu:0");
            using var x = NetworkSession.Wrap(new Tensor(1));
            using var y = NetworkSession.Wrap(new Tensor(1));
            _trimmer.Value.Run(shrinking, ["x"], [x], ["y"], [y]);
        }
        catch (OnnxRuntimeException)
        {
            // There is not even memory for that: it is given back with the next network.
        }
    }

    /// <summary>A session that does nothing: the runtime gives memory back behind a run.</summary>
    private static InferenceSession MakeTrimmer()
    {
        var g = new GraphBuilder("nothing");
        var model = OnnxEmitter.Emit(g.Build(("y", g.Input("x", [1]))), new Weights(), new EngineOptions { Device = Device.Cpu });
        using var options = OnnxRuntime.CreateSessionOptions();
        options.IntraOpNumThreads = 1;
        TryUse(options);
        return new InferenceSession(model.Bytes, options);
    }

    /// <summary>A session's part.</summary>
    public sealed class Use(SharedArena arena) : IDisposable
    {
        private bool _hasRun;

        /// <summary>Says that the session runs: it has the memory that it waited for.</summary>
        public void Run()
        {
            if (!Interlocked.Exchange(ref _hasRun, true))
            {
                Interlocked.Decrement(ref arena._waiting);
            }
        }

        /// <summary>Ends it, once the session is disposed.</summary>
        public void Dispose()
        {
            Run();
            arena.Trim();
        }
    }
}
