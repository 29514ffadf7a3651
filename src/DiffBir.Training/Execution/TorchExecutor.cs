using DiffBir.Graphs;
using TorchSharp;
using static TorchSharp.torch;

namespace DiffBir.Training.Execution;

/// <summary>Runs a graph on libtorch tensors; gradients are recorded unless the caller has switched them off.</summary>
/// <remarks>
/// Every shape is checked here first, because libtorch ends the process for some mistakes. A value is let go as soon as its
/// last reader has run: without gradients that frees its memory, with gradients autograd keeps what it needs.
/// One executor serves one thread.
/// </remarks>
internal sealed class TorchExecutor : IDisposable
{
    private readonly Graph _graph;
    private readonly ScalarType _type;
    private readonly ScalarType _product;
    private readonly Dictionary<Node, TorchTensor> _constants = [];
    private readonly int[] _readers;

    /// <summary>Prepares a graph.</summary>
    /// <param name="graph">The network; its shapes, batch included, are those of the values fed to <see cref="Run"/>.</param>
    /// <param name="device">Where it runs.</param>
    /// <param name="type">The type of its inputs, weights and outputs.</param>
    /// <param name="product">The type in which convolutions and matrix products are computed; <paramref name="type"/> if null.</param>
    public TorchExecutor(Graph graph, Device device, ScalarType type = ScalarType.Float32, ScalarType? product = null)
    {
        _graph = graph;
        (_type, _product) = (type, product ?? type);
        _readers = CountReaders(graph);
        foreach (var node in graph.Nodes)
        {
            if (node.Operation is Constant constant)
            {
                _constants[node] = constant.Value.ToTorch(device, type).DetachFromDisposeScope();
            }
        }
    }

    /// <summary>Computes every output.</summary>
    /// <param name="inputs">The values to feed, by name.</param>
    /// <param name="parameters">The weights, by name.</param>
    /// <returns>The outputs, by name; they belong to the caller's dispose scope.</returns>
    /// <exception cref="ShapeException">A value or weight is missing or of another shape than the graph's.</exception>
    public IReadOnlyDictionary<string, TorchTensor> Run(
        IReadOnlyDictionary<string, TorchTensor> inputs,
        IReadOnlyDictionary<string, TorchTensor> parameters
    )
    {
        var values = new Dictionary<Node, TorchTensor>(_graph.Nodes.Count);
        var readers = (int[])_readers.Clone();
        for (var index = 0; index < _graph.Nodes.Count; index++)
        {
            var node = _graph.Nodes[index];
            values[node] = node.Operation switch
            {
                Input input => Find(inputs, "input", input.Name, node.Shape),
                Parameter parameter => Find(parameters, "weight", parameter.Name, node.Shape),
                Constant => _constants[node],
                _ => Compute(node, values),
            };
            foreach (var source in node.Inputs)
            {
                if (--readers[source.Id] == 0 && IsComputed(source))
                {
                    values[source].Dispose();
                }
            }
        }

        return _graph.Outputs.ToDictionary(output => output.Name, output => InOwnType(values[output.Node]));
    }

    /// <summary>Runs a graph that has one input and one output.</summary>
    public TorchTensor Run(TorchTensor input, IReadOnlyDictionary<string, TorchTensor> parameters)
    {
        var fed = new Dictionary<string, TorchTensor> { [((Input)_graph.Inputs.Single().Operation).Name] = input };
        return Run(fed, parameters).Values.Single();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var constant in _constants.Values)
        {
            constant.Dispose();
        }

        _constants.Clear();
    }

    private TorchTensor InOwnType(TorchTensor value) => value.dtype == _type ? value : value.to(_type, disposeAfter: true);

    private static bool IsComputed(Node node) => node.Operation is not (Input or Parameter or Constant);

    private static int[] CountReaders(Graph graph)
    {
        var readers = new int[graph.Nodes.Max(node => node.Id) + 1];
        foreach (var source in graph.Nodes.SelectMany(node => node.Inputs))
        {
            readers[source.Id]++;
        }

        foreach (var (_, node) in graph.Outputs)
        {
            readers[node.Id]++; // never reaches zero: the caller's
        }

        return readers;
    }

    private TorchTensor Compute(Node node, Dictionary<Node, TorchTensor> values)
    {
        using var scope = NewDisposeScope();
        var sources = new TorchTensor[node.Inputs.Count];
        for (var index = 0; index < sources.Length; index++)
        {
            sources[index] = values[node.Inputs[index]];
        }

        return TorchOperations.Apply(node, sources, _type, _product).MoveToOuterDisposeScope();
    }

    private TorchTensor Find(IReadOnlyDictionary<string, TorchTensor> tensors, string kind, string name, Shape shape)
    {
        if (!tensors.TryGetValue(name, out var tensor))
        {
            throw new ShapeException($"{_graph.Name}: the {kind} {name} {shape} is missing.");
        }

        return tensor.shape.AsSpan().SequenceEqual(shape.ToLongs())
            ? tensor
            : throw new ShapeException(
                $"{_graph.Name}: the {kind} {name} must be {shape}, got [{string.Join(", ", tensor.shape)}]."
            );
    }
}
