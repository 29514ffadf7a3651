namespace DiffBir.Graphs;

/// <summary>A network whose group norms are told their statistics instead of computing them, so that it can be run on a part of an image.</summary>
/// <remarks>
/// Each norm takes two inputs [B,C,1,1], the mean and the reciprocal deviation of each channel's group. Beside the network's outputs the graph has, for each
/// norm, the sums over the image of the deviation of the norm's input from the given mean and of that deviation's square:
/// what is needed to improve the statistics.
/// </remarks>
internal sealed class FixedNorms
{
    private FixedNorms(Graph graph, IReadOnlyList<FixedNorm> norms) =>
        (Graph, Norms) = (graph, norms);

    /// <summary>The network.</summary>
    public Graph Graph { get; }

    /// <summary>The norms in the order of computation.</summary>
    public IReadOnlyList<FixedNorm> Norms { get; }

    /// <summary>Replaces the group norms of a network.</summary>
    public static FixedNorms Of(Graph graph)
    {
        var g = new GraphBuilder(graph.Name);
        var copies = new Dictionary<Node, Node>();
        var norms = new List<FixedNorm>();
        var sums = new List<(string, Node)>();
        foreach (var node in graph.Nodes)
        {
            Node[] inputs = [.. node.Inputs.Select(input => copies[input])];
            if (node.Operation is GroupNorm norm)
            {
                g.CurrentLayer = node.Layer;
                var site = new FixedNorm(norms.Count, norm, inputs[0]);
                copies[node] = site.Append(g, inputs[1], inputs[2], sums);
                norms.Add(site);
            }
            else
            {
                copies[node] = g.Copy(node, inputs);
            }
        }

        var outputs = graph.Outputs.Select(output => (output.Name, copies[output.Node]));
        return new FixedNorms(g.Build([.. outputs, .. sums]), norms);
    }
}

/// <summary>A group norm that is told its statistics.</summary>
/// <param name="Index">Its place in the order of computation.</param>
/// <param name="Norm">The norm it replaces.</param>
/// <param name="X">The value it normalises, [B,C,H,W].</param>
internal sealed record FixedNorm(int Index, GroupNorm Norm, Node X)
{
    /// <summary>The input of each channel's mean.</summary>
    public string Mean => $"mean {Index}";

    /// <summary>The input of each channel's reciprocal deviation.</summary>
    public string Reciprocal => $"reciprocal {Index}";

    /// <summary>The output of each channel's sum of deviations from the mean.</summary>
    public string Sum => $"sum {Index}";

    /// <summary>The output of each channel's sum of squared deviations from the mean.</summary>
    public string Squares => $"squares {Index}";

    /// <summary>Appends the norm and what measures it.</summary>
    public Node Append(GraphBuilder g, Node weight, Node bias, List<(string, Node)> sums)
    {
        Shape each = [X.Shape[0], X.Shape[1], 1, 1];
        Shape channels = [1, X.Shape[1], 1, 1];
        var mean = g.Input(Mean, each);
        var scale = g.Mul(g.Input(Reciprocal, each), g.Reshape(weight, channels.AsSpan()));
        var shift = g.Sub(g.Reshape(bias, channels.AsSpan()), g.Mul(mean, scale));
        var deviation = g.Sub(X, mean);
        sums.Add((Sum, g.Sum(deviation, 2, 3)));
        sums.Add((Squares, g.Sum(g.Mul(deviation, deviation), 2, 3)));
        return g.Add(g.Mul(X, scale), shift);
    }
}
