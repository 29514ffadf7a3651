namespace DiffBir.Graphs;

/// <summary>A network cut at its group norms, so that several tiles can take each norm together.</summary>
/// <remarks>
/// Segment k computes what follows from the statistics of the norms before k, up to the input of norm k; the segment after
/// the last norm computes the network's output. Values that later segments need are outputs of one and inputs of the other.
/// </remarks>
internal sealed class NormSegments
{
    private readonly Graph _graph;
    private readonly HashSet<Node> _repeated = []; // every segment that needs one computes its own
    private readonly Dictionary<Node, int> _stages = []; // the segment that computes each value
    private readonly Dictionary<Node, int> _lastUses = []; // the last segment that reads it

    private NormSegments(Graph graph, IEnumerable<FixedGroupNorm> norms)
    {
        _graph = graph;
        var given = norms
            .SelectMany(norm => new[] { (norm.Mean, norm.Index), (norm.Reciprocal, norm.Index) })
            .ToDictionary(pair => pair.Item1, pair => pair.Index + 1);
        var weights = new HashSet<Node>();
        foreach (var node in graph.Nodes)
        {
            var isInput = node.Operation is Input;
            if (!isInput && node.Inputs.All(weights.Contains))
            {
                weights.Add(node);
            }

            // What follows from weights alone; and cuts, since keeping a value and a part of it would cost twice.
            if (node.Operation is Slice || weights.Contains(node))
            {
                _repeated.Add(node);
            }

            _stages[node] = isInput
                ? given.GetValueOrDefault(((Input)node.Operation).Name)
                : node.Inputs.Select(input => _stages[input]).DefaultIfEmpty().Max();
            if (!_repeated.Contains(node))
            {
                Use(node, _stages[node]);
            }
        }
    }

    private void Use(Node node, int stage)
    {
        foreach (var input in node.Inputs)
        {
            _lastUses[input] = Math.Max(stage, _lastUses.GetValueOrDefault(input));
            if (_repeated.Contains(input))
            {
                Use(input, stage);
            }
        }
    }

    /// <summary>Cuts a network.</summary>
    /// <param name="graph">The network, its norms told their statistics.</param>
    /// <param name="norms">The norms in the order of computation, with the value in <paramref name="graph"/> that each normalizes.</param>
    public static IReadOnlyList<NormSegment> Of(Graph graph, IReadOnlyList<(FixedGroupNorm Norm, Node X)> norms)
    {
        var cut = new NormSegments(graph, norms.Select(norm => norm.Norm));
        return [.. norms.Select((norm, stage) => cut.Segment(stage, norm.X)), cut.Segment(norms.Count, normalized: null)];
    }

    private NormSegment Segment(int stage, Node? normalized)
    {
        var g = new GraphBuilder(_graph.Name);
        var copies = new Dictionary<Node, Node>();
        var outputs = new List<(string, Node)>();
        foreach (var node in _graph.Nodes.Where(node => IsComputed(node, stage)))
        {
            Node[] inputs = [.. node.Inputs.Select(Take)];
            copies[node] = g.Copy(node, inputs);
            if (_lastUses.GetValueOrDefault(node) > stage || node == normalized)
            {
                outputs.Add((Name(node), copies[node]));
            }
        }

        outputs.AddRange(
            _graph.Outputs.Where(output => IsComputed(output.Node, stage)).Select(output => (output.Name, copies[output.Node]))
        );
        var dead = _lastUses.Where(use => use.Value == stage).Select(use => Name(use.Key));
        return new NormSegment(g.Build([.. outputs]), normalized is null ? null : Name(normalized), [.. dead]);

        Node Take(Node node)
        {
            if (!copies.TryGetValue(node, out var copy))
            {
                copy = _repeated.Contains(node) ? g.Copy(node, [.. node.Inputs.Select(Take)]) : g.Input(Name(node), node.Shape);
                copies[node] = copy;
            }

            return copy;
        }
    }

    private bool IsComputed(Node node, int stage) =>
        _stages[node] == stage && node.Operation is not Input && !_repeated.Contains(node);

    private static string Name(Node node) => node.Operation is Input input ? input.Name : $"value {node.Id}";
}

/// <summary>The part of a network from one group norm to the next.</summary>
/// <param name="Graph">The computation; its inputs and outputs carry the same names in all segments.</param>
/// <param name="Normalized">The name of the value whose statistics the next segment needs; null in the last segment.</param>
/// <param name="Dead">The names of values that no later segment reads.</param>
internal sealed record NormSegment(Graph Graph, string? Normalized, IReadOnlyList<string> Dead);
