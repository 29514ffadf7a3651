namespace DiffBir.Graphs;

/// <summary>Which values of a graph are alive when.</summary>
internal sealed class CostOfMemory
{
    private readonly Graph _graph;
    private readonly HashSet<Node> _fixed = [];
    private readonly Dictionary<Node, int> _lastUse;

    public CostOfMemory(Graph graph)
    {
        _graph = graph;
        foreach (var node in graph.Nodes)
        {
            if (node.Operation is not Input && node.Inputs.All(_fixed.Contains))
            {
                _fixed.Add(node);
            }
        }

        _lastUse = LastUses();
    }

    /// <summary>Whether the value follows from weights and constants alone: a runtime computes it once, while loading.</summary>
    public bool IsFixed(Node node) => _fixed.Contains(node);

    /// <summary>The memory a node's result needs of its own; a reshaped value lies where its input lies.</summary>
    public long OwnBytes(Node node) => node.Operation is Reshape || IsFixed(node) ? 0 : Cost.ElementBytes * node.Shape.Elements;

    /// <summary>The total of values alive while each node is computed, its result included.</summary>
    public Dictionary<Node, long> LiveBytes()
    {
        var alive = _graph.Inputs.Sum(OwnBytes);
        var live = new Dictionary<Node, long>(_graph.Nodes.Count);
        for (var step = 0; step < _graph.Nodes.Count; step++)
        {
            var node = _graph.Nodes[step];
            var dying = node.Inputs.Select(Owner).Distinct().Where(owner => _lastUse[owner] == step).Select(OwnBytes).ToArray();
            var own = node.Operation is Input ? 0 : OwnBytes(node);
            var inPlace = IsElementwise(node) && dying.Contains(own);
            live[node] = alive + (inPlace ? 0 : own);
            alive += own - dying.Sum();
        }

        return live;
    }

    /// <summary>
    /// The largest total that a runtime holds which hands a value's memory on to later values of the same shape only, and gives it
    /// back after the last of these: across a U-shaped network the way down keeps memory for the way up.
    /// </summary>
    public long PeakHeldBytes()
    {
        var changes = new long[_graph.Nodes.Count + 1];
        foreach (var held in Placed().Values.Distinct())
        {
            changes[held.First] += held.Bytes;
            changes[Math.Min(held.Last, _graph.Nodes.Count - 1) + 1] -= held.Bytes;
        }

        var (now, peak) = (0L, 0L);
        foreach (var change in changes)
        {
            now += change;
            peak = Math.Max(peak, now);
        }

        return peak;
    }

    /// <summary>The piece of memory that each value gets.</summary>
    private Dictionary<Node, Held> Placed()
    {
        var free = new Dictionary<Shape, Stack<Held>>();
        var holding = new Dictionary<Node, Held>();
        for (var step = 0; step < _graph.Nodes.Count; step++)
        {
            var node = _graph.Nodes[step];
            var dying = node
                .Inputs.Select(Owner)
                .Distinct()
                .Where(owner => _lastUse[owner] == step && holding.ContainsKey(owner))
                .ToList();
            if (OwnBytes(node) > 0)
            {
                var inPlace = IsElementwise(node) ? dying.Find(owner => owner.Shape.Equals(node.Shape)) : null;
                if (inPlace is not null)
                {
                    dying.Remove(inPlace);
                    holding[node] = holding[inPlace];
                }
                else if (free.TryGetValue(node.Shape, out var same) && same.Count > 0)
                {
                    holding[node] = same.Pop();
                }
                else
                {
                    holding[node] = new Held(step, OwnBytes(node));
                }

                holding[node].Last = _lastUse.GetValueOrDefault(node, step);
            }

            foreach (var owner in dying)
            {
                if (!free.TryGetValue(owner.Shape, out var same))
                {
                    free[owner.Shape] = same = new Stack<Held>();
                }

                same.Push(holding[owner]);
            }
        }

        return holding;
    }

    /// <summary>A piece of memory from the first value in it to the end of the last.</summary>
    private sealed class Held(int first, long bytes)
    {
        public int First { get; } = first;

        public long Bytes { get; } = bytes;

        public int Last { get; set; } = first;
    }

    /// <summary>The last step that reads each value; inputs and outputs belong to the caller and stay.</summary>
    private Dictionary<Node, int> LastUses()
    {
        var lastUse = new Dictionary<Node, int>(_graph.Nodes.Count);
        for (var step = 0; step < _graph.Nodes.Count; step++)
        {
            foreach (var input in _graph.Nodes[step].Inputs)
            {
                lastUse[Owner(input)] = step;
            }
        }

        foreach (var kept in _graph.Inputs.Concat(_graph.Outputs.Select(output => output.Node)))
        {
            lastUse[Owner(kept)] = int.MaxValue;
        }

        return lastUse;
    }

    /// <summary>The node in whose memory a value lies.</summary>
    private static Node Owner(Node node)
    {
        while (node.Operation is Reshape)
        {
            node = node.Inputs[0];
        }

        return node;
    }

    private static bool IsElementwise(Node node) => node.Operation is Unary or LeakyRelu or PRelu or Affine or Binary;
}
