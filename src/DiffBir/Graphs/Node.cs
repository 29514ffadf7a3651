using System.Diagnostics;

namespace DiffBir.Graphs;

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
