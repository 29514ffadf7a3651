namespace DiffBir.Graphs;

/// <summary>A network whose group norms are told their statistics instead of computing them, so that it can be run on a part of an image.</summary>
internal sealed class FixedGroupNorms
{
    private FixedGroupNorms(Graph graph, IReadOnlyList<FixedGroupNorm> norms) => (Graph, Norms) = (graph, norms);

    /// <summary>The network; each norm has two more inputs.</summary>
    public Graph Graph { get; }

    /// <summary>The norms in the order of computation.</summary>
    public IReadOnlyList<FixedGroupNorm> Norms { get; }

    /// <summary>Replaces the group norms of a network.</summary>
    public static FixedGroupNorms Of(Graph graph)
    {
        var g = new GraphBuilder(graph.Name);
        var copies = new Dictionary<Node, Node>();
        var norms = new List<FixedGroupNorm>();
        foreach (var node in graph.Nodes)
        {
            Node[] inputs = [.. node.Inputs.Select(input => copies[input])];
            if (node.Operation is GroupNorm norm)
            {
                g.CurrentLayer = node.Layer;
                norms.Add(new FixedGroupNorm(norms.Count, norm, inputs[0]));
                copies[node] = norms[^1].Append(g, inputs[1], inputs[2]);
            }
            else
            {
                copies[node] = g.Copy(node, inputs);
            }
        }

        var outputs = graph.Outputs.Select(output => (output.Name, copies[output.Node]));
        return new FixedGroupNorms(g.Build([.. outputs]), norms);
    }
}

/// <summary>A group norm that is told its statistics.</summary>
/// <param name="Index">Its place in the order of computation.</param>
/// <param name="Norm">The norm it replaces.</param>
/// <param name="X">The value it normalizes, [B,C,H,W].</param>
internal sealed record FixedGroupNorm(int Index, GroupNorm Norm, Node X)
{
    /// <summary>The input of the mean of each channel's group, [B,C,1,1].</summary>
    public string Mean => $"mean {Index}";

    /// <summary>The input of the reciprocal deviation of each channel's group, [B,C,1,1].</summary>
    public string Reciprocal => $"reciprocal {Index}";

    /// <summary>Appends the norm.</summary>
    public Node Append(GraphBuilder g, Node weight, Node bias)
    {
        Shape each = [X.Shape[0], X.Shape[1], 1, 1];
        Shape channels = [1, X.Shape[1], 1, 1];
        var scale = g.Mul(g.Input(Reciprocal, each), g.Reshape(weight, channels.AsSpan()));
        var shift = g.Sub(g.Reshape(bias, channels.AsSpan()), g.Mul(g.Input(Mean, each), scale));
        return g.Add(g.Mul(X, scale), shift);
    }
}
