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

    /// <summary>New weights.</summary>
    /// <param name="graph">The network.</param>
    /// <param name="initialisation">How each weight starts.</param>
    /// <param name="seed">Weights depend on it and on their names alone.</param>
    /// <param name="device">Where they lie.</param>
    /// <param name="type">The type of their numbers.</param>
    public static ParameterSet Create(
        Graph graph,
        Initialisation initialisation,
        long seed,
        Device device,
        ScalarType type = ScalarType.Float32
    )
    {
        var set = new ParameterSet();
        foreach (var (name, value) in initialisation.Create(graph, seed))
        {
            set.Add(name, value, device, type);
        }

        return set;
    }

    /// <summary>Weights from a checkpoint.</summary>
    /// <param name="graph">The network.</param>
    /// <param name="checkpoint">Holds every weight of the graph; others are ignored.</param>
    /// <param name="device">Where they lie.</param>
    /// <param name="prefix">What the checkpoint puts before the graph's names.</param>
    /// <exception cref="DiffBirException">Weights are missing or of another shape; the message lists them.</exception>
    public static ParameterSet Load(
        Graph graph,
        Checkpoint checkpoint,
        Device device,
        string prefix = ""
    )
    {
        var set = new ParameterSet();
        var wrong = new List<string>();
        foreach (var (name, shape) in Declared(graph))
        {
            var stored = checkpoint.Tensors.GetValueOrDefault(prefix + name);
            if (stored is null)
            {
                wrong.Add($"{prefix}{name} {shape} is missing");
            }
            else if (!stored.Shape.SequenceEqual(shape.ToLongs()))
            {
                wrong.Add(
                    $"{prefix}{name} is [{string.Join(", ", stored.Shape)}] instead of {shape}"
                );
            }
            else
            {
                set.Add(name, checkpoint.Read(prefix + name), device, ScalarType.Float32);
            }
        }

        return wrong.Count == 0
            ? set
            : throw new DiffBirException(
                $"'{checkpoint.Path}' does not fit the network {graph.Name}: {string.Join("; ", wrong)}."
            );
    }

    /// <summary>The names and shapes of a graph's weights.</summary>
    public static IEnumerable<(string Name, Shape Shape)> Declared(Graph graph) =>
        graph.Parameters.Select(node => (((Parameter)node.Operation).Name, node.Shape));

    /// <summary>Zeros in the shapes of these weights.</summary>
    public ParameterSet ZerosLike() => Map(tensor => zeros_like(tensor));

    /// <summary>A copy of these weights.</summary>
    public ParameterSet Copy() => Map(tensor => tensor.detach().clone());

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
        value.Require(name, Array.ConvertAll(target.shape, size => (int)size));
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        target.copy_(value.ToTorch(target.device, target.dtype));
    }

    /// <summary>The weights as entries of a safetensors file.</summary>
    /// <param name="prefix">What to put before the names.</param>
    /// <param name="type">The element type in the file.</param>
    public IEnumerable<SafetensorsEntry> Entries(
        string prefix = "",
        ElementType type = ElementType.Float32
    ) => _tensors.Select(pair => SafetensorsEntry.Of(prefix + pair.Key, pair.Value.ToHost(), type));

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
        var set = new ParameterSet();
        foreach (var (name, tensor) in _tensors)
        {
            set._tensors[name] = map(tensor).DetachFromDisposeScope();
        }

        return set;
    }

    private void Add(string name, Tensor value, Device device, ScalarType type) =>
        _tensors[name] = value.ToTorch(device, type).DetachFromDisposeScope();
}
