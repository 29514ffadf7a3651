namespace DiffBir.Graphs;

/// <summary>What one run of a graph costs: arithmetic, weights, memory.</summary>
/// <remarks>
/// <para>
/// <see cref="Flops"/> counts products of matrices, exactly, a multiply-add as 2: convolutions, linear layers,
/// <see cref="MatMul"/>, and the two products of <see cref="Attention"/> (scores, then weighted values). Biases, norms, softmax
/// and everything element by element are not counted: they wait for memory, not for arithmetic, so their cost is in
/// <see cref="TrafficBytes"/>.
/// </para>
/// <para>
/// Sizes are for 32-bit floats. Memory is the graph's own: values live from their operation to their last use in the order
/// of <see cref="Graph.Nodes"/>; a runtime adds its workspaces and its copies in other layouts.
/// </para>
/// </remarks>
internal sealed class Cost
{
    internal const int ElementBytes = sizeof(float);

    private Cost(Graph graph, IReadOnlyList<NodeCost> nodes, long peakHeldBytes)
    {
        PeakHeldBytes = peakHeldBytes;
        Nodes = nodes;
        Layers = LayerCost.Group(nodes);
        Flops = nodes.Sum(node => node.Flops);
        TrafficBytes = nodes.Sum(node => node.TrafficBytes);
        Parameters = graph.Parameters.Sum(node => node.Shape.Elements);
        PeakActivationBytes = nodes.Select(node => node.LiveBytes).DefaultIfEmpty().Max();
    }

    /// <summary>Floating-point operations of all products, a multiply-add as 2.</summary>
    public long Flops { get; }

    /// <summary>Bytes that operations read and write, each input and each result once.</summary>
    public long TrafficBytes { get; }

    /// <summary>The number of weights.</summary>
    public long Parameters { get; }

    /// <summary>The weights' size in bytes.</summary>
    public long ParameterBytes => Parameters * ElementBytes;

    /// <summary>The largest total of values alive at one time, inputs and outputs included, weights and constants not.</summary>
    public long PeakActivationBytes { get; }

    /// <summary>
    /// The largest total that a runtime holds which reuses a value's memory only for later values of the same shape, and keeps it
    /// in between, as ONNX Runtime does.
    /// </summary>
    public long PeakHeldBytes { get; }

    /// <summary>The cost of each node in the order of computation, without weights and what follows from them alone.</summary>
    public IReadOnlyList<NodeCost> Nodes { get; }

    /// <summary>The nodes' costs summed over layers.</summary>
    public IReadOnlyList<LayerCost> Layers { get; }

    /// <summary>The cost of a graph.</summary>
    public static Cost Of(Graph graph)
    {
        var memory = new CostOfMemory(graph);
        var live = memory.LiveBytes();
        var nodes = graph.Nodes.Where(node => !memory.IsFixed(node));
        return new Cost(
            graph,
            [.. nodes.Select(node => new NodeCost(node, FlopsOf(node), TrafficOf(node), memory.OwnBytes(node), live[node]))],
            memory.PeakHeldBytes()
        );
    }

    private static long FlopsOf(Node node) =>
        node.Operation switch
        {
            // Each result is a sum over the channels of a group and the kernel.
            Conv2d => 2 * node.Shape.Elements * Rest(node.Inputs[1].Shape),
            // Each input is spread over the channels of a group and the kernel.
            ConvTranspose2d => 2 * node.Inputs[0].Shape.Elements * Rest(node.Inputs[1].Shape),
            Linear => 2 * node.Shape.Elements * node.Inputs[0].Shape[-1],
            MatMul product => 2 * node.Shape.Elements * node.Inputs[0].Shape[product.TransposeA ? -2 : -1],
            // Scores q·k and weighted values: heads · N · M · (C / heads) products each.
            Attention => 4 * node.Shape.Elements * node.Inputs[1].Shape[1],
            _ => 0,
        };

    private static long Rest(Shape weight) => weight.Elements / weight[0];

    private static long TrafficOf(Node node) =>
        node.Operation is Input or Reshape
            ? 0
            : ElementBytes * (node.Shape.Elements + node.Inputs.Sum(input => input.Shape.Elements));
}

/// <summary>The cost of one node.</summary>
/// <param name="Node">The node.</param>
/// <param name="Flops">Floating-point operations of its products, a multiply-add as 2; 0 where it has none.</param>
/// <param name="TrafficBytes">Bytes it reads and writes.</param>
/// <param name="ActivationBytes">The size of its result; 0 where the result lies in the memory of an input.</param>
/// <param name="LiveBytes">The total of values alive while it is computed.</param>
internal sealed record NodeCost(Node Node, long Flops, long TrafficBytes, long ActivationBytes, long LiveBytes);

/// <summary>The cost of a layer.</summary>
/// <param name="Layer">Its name in the checkpoint; what follows a layer without weights of its own counts as the layer's.</param>
/// <param name="Parameters">The number of its weights.</param>
/// <param name="Flops">Floating-point operations of its products, a multiply-add as 2.</param>
/// <param name="TrafficBytes">Bytes its operations read and write.</param>
/// <param name="PeakBytes">The largest total of values alive while one of its operations is computed.</param>
internal sealed record LayerCost(string Layer, long Parameters, long Flops, long TrafficBytes, long PeakBytes)
{
    internal static IReadOnlyList<LayerCost> Group(IEnumerable<NodeCost> nodes) =>
        [
            .. nodes
                .GroupBy(cost => cost.Node.Layer)
                .Select(layer => new LayerCost(
                    layer.Key,
                    ParametersOf(layer.Select(cost => cost.Node)),
                    layer.Sum(cost => cost.Flops),
                    layer.Sum(cost => cost.TrafficBytes),
                    layer.Max(cost => cost.LiveBytes)
                )),
        ];

    private static long ParametersOf(IEnumerable<Node> nodes) =>
        nodes
            .SelectMany(node => node.Inputs)
            .Where(input => input.Operation is Parameter)
            .Distinct()
            .Sum(parameter => parameter.Shape.Elements);
}
