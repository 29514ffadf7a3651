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
