using DiffBir.Checkpoints;
using DiffBir.Graphs;
using Microsoft.ML.OnnxRuntime;

namespace DiffBir.Engine;

/// <summary>A network with its weights, ready to run.</summary>
/// <remarks>Runs of one session may overlap; each uses all of the session's threads.</remarks>
internal sealed class NetworkSession : IDisposable
{
    /// <summary>
    /// Up to this size weights are repacked into the blocks that the fastest convolutions want, in memory of our own. Larger ones
    /// are used where they lie in the file: a little slower, but loaded in a second and held by the page cache
    /// (docs/adr/0007-inference-speed.md).
    /// </summary>
    private const long LargeWeights = 1L << 30;

    private readonly InferenceSession _session;
    private readonly Graph _graph;
    private readonly EngineOptions _options;
    private readonly SharedArena.Use? _arena;
    private bool _isDisposed;

    private NetworkSession(InferenceSession session, Graph graph, EngineOptions options, SharedArena.Use? arena) =>
        (_session, _graph, _options, _arena) = (session, graph, options, arena);

    /// <summary>The network.</summary>
    public Graph Graph => _graph;

    /// <summary>Loads a network.</summary>
    /// <param name="graph">The network.</param>
    /// <param name="weights">Where its weights lie.</param>
    /// <param name="options">The device, the precision and the threads.</param>
    /// <exception cref="CheckpointException">A weight is missing or has another shape.</exception>
    /// <exception cref="EngineException">The device is not available, or the runtime refused the network.</exception>
    public static NetworkSession Create(Graph graph, Weights weights, EngineOptions options) =>
        Create(graph, OnnxEmitter.Emit(graph, weights, options), options);

    /// <summary>Loads a network that is emitted.</summary>
    /// <param name="graph">The network.</param>
    /// <param name="model">The same as ONNX model, in the options' precision.</param>
    /// <param name="options">The device and the threads.</param>
    /// <exception cref="EngineException">The device is not available, or the runtime refused the network.</exception>
    public static NetworkSession Create(Graph graph, EmittedModel model, EngineOptions options)
    {
        using var sessionOptions = OnnxRuntime.CreateSessionOptions();
        try
        {
            sessionOptions.GraphOptimizationLevel = RepacksWeights(graph)
                ? GraphOptimizationLevel.ORT_ENABLE_ALL
                : GraphOptimizationLevel.ORT_ENABLE_EXTENDED;
            sessionOptions.IntraOpNumThreads = options.ThreadsToUse;
            // A pattern is one block that holds everything, beside what the first run took: up to twice the memory, for no time.
            sessionOptions.EnableMemoryPattern = false;
            // An arena keeps what values took for the next ones of the same size, and grows by powers of two.
            sessionOptions.EnableCpuMemArena = options.Memory is null;
            var sharesArena = options is { Memory: null, DeviceToUse: Device.Cpu } && SharedArena.TryUse(sessionOptions);
            // Threads that wait in a loop gain a percent and take the processor from everyone else (docs/adr/0007-inference-speed.md).
            sessionOptions.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");
            sessionOptions.AddSessionConfigEntry("session.model_external_initializers_file_folder_path", model.WeightsFolder);
            if (options.ProfilePrefix is { } prefix)
            {
                sessionOptions.ProfileOutputPathPrefix = prefix;
                sessionOptions.EnableProfiling = true;
            }

            Devices.Append(sessionOptions, options);
            var session = new InferenceSession(model.Bytes, sessionOptions);
            return new NetworkSession(session, graph, options, sharesArena ? SharedArena.OfProcess.Begin() : null);
        }
        catch (OnnxRuntimeException exception)
        {
            throw new EngineException($"{graph.Name} could not be loaded: {exception.Message}", exception);
        }
    }

    /// <summary>Computes the outputs.</summary>
    /// <param name="inputs">A value for each of the graph's inputs.</param>
    /// <returns>The value of each of the graph's outputs.</returns>
    /// <exception cref="ShapeException">An input is missing or has another shape.</exception>
    /// <exception cref="EngineException">The runtime failed.</exception>
    /// <exception cref="ObjectDisposedException">The session is disposed.</exception>
    public IReadOnlyDictionary<string, Tensor> Run(params ReadOnlySpan<(string Name, Tensor Value)> inputs) =>
        Run(CancellationToken.None, inputs);

    /// <inheritdoc cref="Run(ReadOnlySpan{ValueTuple{string, Tensor}})"/>
    /// <param name="cancellation">Stops the computation between two operators.</param>
    /// <param name="inputs">A value for each of the graph's inputs.</param>
    /// <exception cref="OperationCanceledException">The computation was cancelled.</exception>
    public IReadOnlyDictionary<string, Tensor> Run(
        CancellationToken cancellation,
        params ReadOnlySpan<(string Name, Tensor Value)> inputs
    )
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        cancellation.ThrowIfCancellationRequested();
        _options.Memory?.Collect();
        var values = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        foreach (var (name, value) in inputs)
        {
            values[name] = value;
        }

        var feeds = new List<(string Name, OrtValue Value)>();
        var results = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        var fetches = new List<(string Name, OrtValue Value)>();
        try
        {
            foreach (var node in _graph.Inputs)
            {
                var name = ((Input)node.Operation).Name;
                if (!values.TryGetValue(name, out var value))
                {
                    throw new ShapeException($"{_graph.Name} needs a value for its input {name}.");
                }

                value.Validate($"{_graph.Name}: {name}", node.Shape.AsSpan());
                feeds.Add((name, Wrap(value)));
            }

            foreach (var (name, node) in _graph.Outputs)
            {
                results[name] = new Tensor(node.Shape.AsSpan());
                fetches.Add((name, Wrap(results[name])));
            }

            _options.OnRun?.Invoke(_graph.Name);
            _arena?.Run();
            using var runOptions = new RunOptions();
            using var registration = cancellation.Register(() => runOptions.Terminate = true);
            _session.Run(
                runOptions,
                [.. feeds.Select(feed => feed.Name)],
                [.. feeds.Select(feed => feed.Value)],
                [.. fetches.Select(fetch => fetch.Name)],
                [.. fetches.Select(fetch => fetch.Value)]
            );
            return results;
        }
        catch (OnnxRuntimeException) when (cancellation.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellation);
        }
        catch (OnnxRuntimeException exception)
        {
            throw new EngineException($"{_graph.Name} failed: {exception.Message}", exception);
        }
        finally
        {
            foreach (var (_, value) in feeds.Concat(fetches))
            {
                value.Dispose();
            }
        }
    }

    /// <summary>Whether a network's weights are copied into memory when it is loaded.</summary>
    internal static bool RepacksWeights(Graph graph) =>
        graph.Parameters.Sum(node => node.Shape.Elements) * sizeof(float) < LargeWeights;

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_isDisposed)
        {
            _isDisposed = true;
            _session.Dispose();
            _arena?.Dispose();
        }
    }

    /// <summary>A tensor's numbers, where they are, as the runtime takes them.</summary>
    internal static OrtValue Wrap(Tensor tensor) =>
        OrtValue.CreateTensorValueFromMemory(tensor.Data, Shape.Create(tensor.Shape).ToLongs());
}
