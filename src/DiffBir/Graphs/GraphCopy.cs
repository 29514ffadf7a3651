namespace DiffBir.Graphs;

/// <summary>Copies nodes into other graphs.</summary>
internal static class GraphCopy
{
    /// <summary>Appends a node's operation with other inputs; the layer's name stays.</summary>
    public static Node Copy(this GraphBuilder g, Node node, params Node[] inputs)
    {
        g.CurrentLayer = node.Layer;
        return node.Operation is Parameter parameter
            ? g.Parameter(parameter.Name, parameter.Shape)
            : g.Append(node.Operation, inputs);
    }
}
