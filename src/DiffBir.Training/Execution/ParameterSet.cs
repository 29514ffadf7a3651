using DiffBir.Checkpoints;
using DiffBir.Graphs;
using TorchSharp;
using static TorchSharp.torch;

namespace DiffBir.Training.Execution;

/// <summary>The weights of one or more graphs on a device, by name.</summary>
internal sealed class ParameterSet : IDisposable
{
    private readonly SortedDictionary<string, TorchTensor> _tensors = new(StringComparer.Ordinal);

    private ParameterSet() { }

    /// <summary>The weights by name, in the order of the names.</summary>
    public IReadOnlyDictionary<string, TorchTensor> Tensors => _tensors;

    /// <summary>The number of weights.</summary>
    public long Count => _tensors.Values.Sum(tensor => tensor.numel());

    /// <summary>Where they lie.</summary>
    public Device Device => _tensors.Values.First().device;

    /// <summary>New weights.</summary>
    /// <param name="initialization">How each weight starts.</param>
    /// <param name="seed">Weights depend on it and on their names alone.</param>
    /// <param name="device">Where they lie.</param>
    /// <param name="graphs">The networks.</param>
    public static ParameterSet Create(Initialization initialization, long seed, Device device, params ReadOnlySpan<Graph> graphs)
    {
        var set = new ParameterSet();
        foreach (var graph in graphs)
        {
            foreach (var (name, value) in initialization.Create(graph, seed))
            {
                set.Add(name, value, device);
            }
        }

        return set;
    }

    /// <summary>Weights from checkpoints.</summary>
    /// <param name="weights">Where the weights lie.</param>
    /// <param name="device">Where they shall lie.</param>
    /// <param name="graphs">The networks.</param>
    /// <exception cref="CheckpointException">Weights are missing or of another shape; the message lists them.</exception>
    public static ParameterSet Load(Weights weights, Device device, params ReadOnlySpan<Graph> graphs)
    {
        var set = new ParameterSet();
        foreach (var graph in graphs)
        {
            weights.Validate(graph);
            foreach (var node in graph.Parameters)
            {
                var name = ((Parameter)node.Operation).Name;
                set.Add(name, weights.Read(name), device);
            }
        }

        return set;
    }

    /// <summary>Zeros in the shapes of these weights.</summary>
    public ParameterSet ZerosLike() => Map(tensor => zeros_like(tensor));

    /// <summary>A copy of these weights.</summary>
    public ParameterSet Copy() => Map(tensor => tensor.detach().clone());

    /// <summary>A copy of these weights in another type.</summary>
    public ParameterSet To(ScalarType type) => Map(tensor => tensor.detach().to(type, copy: true));

    /// <summary>Makes autograd record what happens to the weights.</summary>
    public ParameterSet RequireGradients()
    {
        foreach (var tensor in _tensors.Values)
        {
            tensor.requires_grad = true;
        }

        return this;
    }

    /// <summary>Overwrites one weight.</summary>
    public void Assign(string name, Tensor value)
    {
        var target = _tensors[name];
        value.Validate(name, Array.ConvertAll(target.shape, size => (int)size));
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        target.copy_(value.ToTorch(target.device, target.dtype));
    }

    /// <summary>The weights as entries of a safetensors file.</summary>
    /// <param name="prefix">What to put before the names.</param>
    /// <param name="type">The element type in the file.</param>
    public IEnumerable<SafetensorsEntry> Entries(string prefix = "", ElementType type = ElementType.Float32) =>
        _tensors.Select(pair => SafetensorsEntry.Of(prefix + pair.Key, pair.Value.shape, pair.Value.ToHost, type));

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var tensor in _tensors.Values)
        {
            tensor.Dispose();
        }

        _tensors.Clear();
    }

    private ParameterSet Map(Func<TorchTensor, TorchTensor> map)
    {
        using var frozen = no_grad();
        // A tensor that no scope holds may be freed by the garbage collector while libtorch still reads it.
        using var scope = NewDisposeScope();
        var set = new ParameterSet();
        foreach (var (name, tensor) in _tensors)
        {
            set._tensors[name] = map(tensor).DetachFromDisposeScope();
        }

        return set;
    }

    private void Add(string name, Tensor value, Device device) => _tensors[name] = value.ToTorch(device).DetachFromDisposeScope();
}
