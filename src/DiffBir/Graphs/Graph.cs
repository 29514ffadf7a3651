using System.Diagnostics;

namespace DiffBir.Graphs;

/// <summary>A network as data: nodes in the order of computation, with named inputs and outputs.</summary>
/// <remarks>
/// Shapes are concrete. The same graph is emitted to ONNX, executed with autograd, differentiated and costed, so a network
/// is written once.
/// </remarks>
internal sealed class Graph
{
    internal Graph(string name, IReadOnlyList<Node> nodes, IReadOnlyList<(string Name, Node Node)> outputs)
    {
        Name = name;
        Nodes = nodes;
        Outputs = outputs;
        Inputs = [.. nodes.Where(node => node.Operation is Input)];
        Parameters = [.. nodes.Where(node => node.Operation is Parameter)];
    }

    /// <summary>The network's name, for messages.</summary>
    public string Name { get; }

    /// <summary>Every node that an output needs, and every input; each node comes after its inputs.</summary>
    public IReadOnlyList<Node> Nodes { get; }

    /// <summary>The values to feed.</summary>
    public IReadOnlyList<Node> Inputs { get; }

    /// <summary>The weights.</summary>
    public IReadOnlyList<Node> Parameters { get; }

    /// <summary>The results.</summary>
    public IReadOnlyList<(string Name, Node Node)> Outputs { get; }
}

/// <summary>One value of a graph: an operation applied to other values, with the shape it yields.</summary>
[DebuggerDisplay("{Layer,nq}: {Operation} -> {Shape}")]
internal sealed class Node
{
    internal Node(int id, Operation operation, Node[] inputs, Shape shape, string layer)
    {
        Id = id;
        Operation = operation;
        Inputs = inputs;
        Shape = shape;
        Layer = layer;
    }

    /// <summary>The position in the order of creation; inputs have smaller numbers.</summary>
    public int Id { get; }

    /// <summary>What computes the value.</summary>
    public Operation Operation { get; }

    /// <summary>What it is computed from.</summary>
    public IReadOnlyList<Node> Inputs { get; }

    /// <summary>The value's shape.</summary>
    public Shape Shape { get; }

    /// <summary>The layer it belongs to, in the words of the checkpoint; empty outside of layers.</summary>
    public string Layer { get; }
}
